/* SPDX-License-Identifier: Apache-2.0 */
/** Lines of text over TCP. */
package io.millrace.components.netcat;
