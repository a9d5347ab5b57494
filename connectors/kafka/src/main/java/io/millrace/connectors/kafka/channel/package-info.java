/** The Kafka channel. */
package io.millrace.connectors.kafka.channel;
