/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.api.EventBatch;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A call that a client makes, and its answer to come. The answer is completed by the thread that
 * reads the connection. The payload is the end of the call's frame; nobody changes its bytes.
 */
public final class Call {
  private final byte[] array;
  private final int offset;
  private final int length;
  private final Map<String, byte[]> metadata;
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();

  /** A call whose payload is the batch as it stands. */
  public Call(EventBatch batch, Map<String, byte[]> metadata) {
    this.array = batch.lend((bytes, from, count) -> bytes);
    this.offset = batch.lend((bytes, from, count) -> from);
    this.length = batch.encodedBytes();
    this.metadata = Map.copyOf(metadata);
  }

  /** A call whose payload is the first {@code length} bytes of {@code array}. */
  public Call(byte[] array, int length) {
    Objects.checkFromIndexSize(0, length, array.length);
    this.array = array;
    this.offset = 0;
    this.length = length;
    this.metadata = Map.of();
  }

  public int payloadBytes() {
    return length;
  }

  /** Lends the payload, as {@link EventBatch#lend} does. */
  public <T> T lendPayload(EventBatch.BytesReader<T> reader) {
    return reader.read(array, offset, length);
  }

  public CompletableFuture<Answer> answer() {
    return answer;
  }

  Map<String, byte[]> metadata() {
    return metadata;
  }
}
