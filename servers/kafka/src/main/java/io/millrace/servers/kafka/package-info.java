/* SPDX-License-Identifier: Apache-2.0 */
/** A real Kafka broker in one process, for the demo, the tests and the bench. */
package io.millrace.servers.kafka;
