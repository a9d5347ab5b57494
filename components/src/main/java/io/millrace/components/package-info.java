/* SPDX-License-Identifier: Apache-2.0 */
/** The built-in components. */
package io.millrace.components;
