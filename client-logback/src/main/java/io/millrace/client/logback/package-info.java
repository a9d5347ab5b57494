/** An appender of Logback that sends to Millrace or Flume. */
package io.millrace.client.logback;
