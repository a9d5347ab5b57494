/** Side-by-side runs of the packaged command and Apache Flume: load, measurement, report. */
package io.millrace.bench;
