/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.EventBatch;
import java.nio.ByteBuffer;

/**
 * A message of the transaction that is open, and its events.
 *
 * @param mark what it is known by should it come again; null when it has no id
 * @param isHad whether the channels have its events from an earlier delivery
 */
record Received(ClientMessage message, EventBatch events, ByteBuffer mark, boolean isHad) {}
