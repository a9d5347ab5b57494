/** The Kafka source. */
package io.millrace.connectors.kafka.source;
