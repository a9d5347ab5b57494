/* SPDX-License-Identifier: Apache-2.0 */
/** Log lines at a bounded rate, and text that is safe in them. */
package io.millrace.kit.log;
