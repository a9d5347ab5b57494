/* SPDX-License-Identifier: Apache-2.0 */
/** The millrace command. */
package io.millrace.app;
