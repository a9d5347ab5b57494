/* SPDX-License-Identifier: Apache-2.0 */
/** The Kafka source, sink and channel. */
package io.millrace.connectors.kafka;
