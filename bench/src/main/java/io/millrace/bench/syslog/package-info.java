/** Syslog over TCP into Millrace, Flume and rsyslog. */
package io.millrace.bench.syslog;
