/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.agent.Product;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.trial.FilledChannel;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options of commands that start agents over channels which were filled before. */
final class FilledOptions {
  @Option(
      names = "--events",
      defaultValue = "3000000",
      description = "In the channel (${DEFAULT-VALUE}).")
  private long events;

  @Option(names = "--body-bytes", defaultValue = "512", description = "(${DEFAULT-VALUE}).")
  private int bodyBytes;

  /** The channels of the products asked for. Closing deletes them. */
  static final class Channels implements AutoCloseable {
    private final Map<Product, FilledChannel> byProduct = new EnumMap<>(Product.class);

    FilledChannel of(Product product) {
      return byProduct.get(product);
    }

    @Override
    public void close() throws IOException {
      for (FilledChannel channel : byProduct.values()) {
        channel.close();
      }
    }
  }

  Channels fill(RunOptions run, Set<FilledChannel.State> wanted)
      throws IOException, InterruptedException {
    // Kept once for each product, and one copy that an agent works on.
    long copies = run.products().size() + 1L;
    BenchDirectories.requireFree(copies * FilledChannel.maxBytes(events, bodyBytes));
    Channels channels = new Channels();
    try {
      for (Product product : run.products()) {
        System.out.println("filling a channel of " + product.title());
        channels.byProduct.put(
            product, FilledChannel.fill(product, events, bodyBytes, run.agentJvmOptions(), wanted));
      }
      return channels;
    } catch (IOException | InterruptedException | RuntimeException e) {
      channels.close();
      throw e;
    }
  }

  /** As data, for result files. */
  Map<String, Object> settings(RunOptions run) {
    return Map.of("events", events, "bodyBytes", bodyBytes, "jvmOptions", run.agentJvmOptions());
  }

  String description() {
    return String.format(Locale.ROOT, "%,d events of %d bytes", events, bodyBytes);
  }
}
