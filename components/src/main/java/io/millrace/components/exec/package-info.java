/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lines that a command writes. Two threads: one reads the command's output into {@link
 * io.millrace.components.exec.PendingLines}, one starts the command and hands the lines on.
 */
package io.millrace.components.exec;
