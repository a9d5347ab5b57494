/* SPDX-License-Identifier: Apache-2.0 */
/** Syslog over TCP into Millrace, Flume and rsyslog. */
package io.millrace.bench.syslog;
