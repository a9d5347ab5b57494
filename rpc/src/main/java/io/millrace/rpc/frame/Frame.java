/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.frame;

/**
 * One received frame: the message is {@code array[0, length)}, the buffers joined. The array
 * belongs to whoever holds the frame. Immutable by agreement.
 */
public record Frame(int serial, byte[] array, int length) {}
