/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;

/** A process that is killed: the source, and a file that holds what it was told is durable. */
final class KilledAgent {
  private KilledAgent() {}

  public static void main(String[] arguments) throws Exception {
    Toy toy = new Toy();
    FileChannel store =
        FileChannel.open(
            Path.of(arguments[1]), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    toy.answer(
        batch -> {
          append(store, batch);
          return CompletableFuture.completedFuture(null);
        });
    Opts options = new Opts(arguments[0]);
    options.batchSize = 20;
    Source source = options.build().build(toy);
    source.start();
    Thread.currentThread().join();
  }

  private static void append(FileChannel store, EventBatch batch) {
    StringBuilder lines = new StringBuilder();
    for (EventView event : batch) {
      lines.append(event.bodyText()).append('\n');
    }
    try {
      store.write(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
      store.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
