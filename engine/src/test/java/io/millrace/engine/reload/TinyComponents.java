/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.reload;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Option;
import io.millrace.api.Outcome;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.engine.config.declaration.Catalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Components through which nothing flows. */
final class TinyComponents {
  private TinyComponents() {}

  static Catalog catalog() {
    return Catalog.ofRecords(
        List.of(TinySource.class, TinyChannel.class, TinySink.class, Replicating.class));
  }

  @Component(kind = ComponentKind.SOURCE, name = "tiny", summary = "Makes nothing.")
  record TinySource(@Option(doc = "Port.", def = "1") int port) implements SourceOptions {
    @Override
    public Source build(SourceContext context) {
      return new Source() {};
    }
  }

  @Component(kind = ComponentKind.SINK, name = "tiny", summary = "Stores nothing.")
  record TinySink(
      @Option(doc = "Must be there.", name = "key.store", def = "/") Path keyStore,
      @Option(doc = "Secret.", name = "key.password", def = "x", secret = true) String password)
      implements SinkOptions {
    @Override
    public Sink build(SinkContext context) {
      if (!Files.exists(keyStore)) {
        throw new ConfigurationException("key.store", "key store " + keyStore + " is not there");
      }
      return (batch, origin) -> CompletableFuture.completedFuture(Outcome.delivered());
    }

    @Override
    public int batchSize() {
      return 10;
    }
  }

  @Component(kind = ComponentKind.CHANNEL, name = "tiny", summary = "Keeps nothing.")
  record TinyChannel(@Option(doc = "Most events.", def = "100") int capacity)
      implements ChannelOptions {
    @Override
    public int transactionCapacity() {
      return capacity;
    }

    @Override
    public Channel build(ChannelContext context) {
      return new Empty(capacity);
    }
  }

  private record Empty(long capacity) implements Channel {
    @Override
    public CompletableFuture<Void> append(EventBatch batch) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public Delivery take(int maxEvents, long maxBytes) {
      return null;
    }

    @Override
    public synchronized boolean awaitEvents(Duration timeout) throws InterruptedException {
      wait(timeout.toMillis());
      return false;
    }

    @Override
    public long eventCount() {
      return 0;
    }

    @Override
    public int transactionCapacity() {
      return (int) capacity;
    }

    @Override
    public boolean isDurable() {
      return true;
    }
  }

  @Component(kind = ComponentKind.SELECTOR, name = "replicating", summary = "To all.")
  record Replicating() implements SelectorOptions {
    @Override
    public Selector build(List<String> channels) {
      return batch -> List.of(new Selector.Route(batch, new Selector.Targets(channels, List.of())));
    }
  }
}
