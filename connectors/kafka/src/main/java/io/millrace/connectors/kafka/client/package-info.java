/** What source, sink and channel have in common: settings of Kafka's clients, records, failures. */
package io.millrace.connectors.kafka.client;
