/** What an application embeds to send events to Millrace or Flume. */
package io.millrace.client;
