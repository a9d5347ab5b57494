/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** A sink between its start and its stop, and what it wrote. Confined to the test's thread. */
final class Run implements AutoCloseable {
  final ToyContext context;
  final HdfsSink sink;

  private Run(ToyContext context, HdfsSink sink) {
    this.context = context;
    this.sink = sink;
  }

  static Run of(HdfsSinkOptions options) {
    return of("k1", options);
  }

  static Run of(String name, HdfsSinkOptions options) {
    ToyContext context = new ToyContext(name);
    HdfsSink sink = new HdfsSink(context, options);
    sink.start();
    return new Run(context, sink);
  }

  static EventBatch batch(Map<String, String> headers, String... bodies) {
    EventBatch.Builder batch = EventBatch.builder();
    for (String body : bodies) {
      batch.add(EncodedHeaders.of(headers), body.getBytes(StandardCharsets.UTF_8));
    }
    return batch.build();
  }

  static EventBatch numbered(int from, int to) {
    String[] bodies = new String[to - from];
    for (int i = from; i < to; i++) {
      bodies[i - from] = "e" + i;
    }
    return batch(Map.of(), bodies);
  }

  CompletableFuture<Outcome> send(EventBatch batch) {
    return sink.deliver(batch, Origin.NONE);
  }

  Outcome deliver(EventBatch batch) throws Exception {
    return deliver(batch, Origin.NONE);
  }

  Outcome deliver(EventBatch batch, Origin origin) throws Exception {
    return sink.deliver(batch, origin).get(60, TimeUnit.SECONDS);
  }

  long metric(String name) {
    return context.value(name);
  }

  @Override
  public void close() throws InterruptedException {
    sink.stop();
  }

  /** All files below the root by their path from there, but those of the sink's own state. */
  static Map<String, Path> files(FileSystem files, String root) throws IOException {
    Map<String, Path> found = new TreeMap<>();
    Path top = new Path(root);
    if (!files.exists(top)) {
      return found;
    }
    RemoteIterator<LocatedFileStatus> all = files.listFiles(top, true);
    while (all.hasNext()) {
      Path path = all.next().getPath();
      String name = path.toUri().getPath().substring(top.toUri().getPath().length() + 1);
      if (!name.startsWith(".millrace/")) {
        found.put(name, path);
      }
    }
    return found;
  }

  static byte[] bytes(FileSystem files, Path path) throws IOException {
    try (InputStream in = files.open(path)) {
      return in.readAllBytes();
    }
  }

  /** Lines of all files, in the order of their names. */
  static List<String> lines(FileSystem files, String root) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path path : files(files, root).values()) {
      lines.addAll(new String(bytes(files, path), StandardCharsets.UTF_8).lines().toList());
    }
    return lines;
  }
}
