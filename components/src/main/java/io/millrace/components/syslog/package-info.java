/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Syslog over TCP and UDP, as RFC 3164 and RFC 5424 say and as devices really send it. What cuts
 * ({@link io.millrace.components.syslog.SyslogFramer}) and what reads messages ({@link
 * io.millrace.components.syslog.SyslogParser}) does no I/O.
 */
package io.millrace.components.syslog;
