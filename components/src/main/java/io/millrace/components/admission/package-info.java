/* SPDX-License-Identifier: Apache-2.0 */
/** How appends get into a channel of bounded room, in order and without a thread that waits. */
package io.millrace.components.admission;
