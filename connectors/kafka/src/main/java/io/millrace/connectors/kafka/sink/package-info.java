/** The Kafka sink, plain and exactly once. */
package io.millrace.connectors.kafka.sink;
