/** An appender of Log4j 2 that sends to Millrace or Flume. */
package io.millrace.client.log4j2;
