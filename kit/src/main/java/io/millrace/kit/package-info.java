/* SPDX-License-Identifier: Apache-2.0 */
/** Helpers for component authors. */
package io.millrace.kit;
