/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.ComponentContext;
import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.engine.plugin.ContextLoader;
import io.millrace.engine.plugin.PluginClassLoader;
import io.millrace.engine.plugin.PluginFault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Builds components. Those of a plug-in are called with its loader as the context loader of the
 * thread, whoever calls; a class that they lack is said in the words of an operator. Those of the
 * agent itself are what they are. Immutable.
 */
final class PluginBoundary {
  private final PluginClassLoader loader;

  private PluginBoundary(PluginClassLoader loader) {
    this.loader = loader;
  }

  static Sink sink(
      SinkOptions options, Function<Optional<PluginClassLoader>, SinkContext> context) {
    Optional<PluginClassLoader> loader = PluginClassLoader.of(options);
    if (loader.isEmpty()) {
      return options.build(context.apply(loader));
    }
    PluginBoundary boundary = new PluginBoundary(loader.get());
    return new PluginSink(boundary, boundary.build(() -> options.build(context.apply(loader))));
  }

  static Source source(
      SourceOptions options, Function<Optional<PluginClassLoader>, SourceContext> context) {
    Optional<PluginClassLoader> loader = PluginClassLoader.of(options);
    if (loader.isEmpty()) {
      return options.build(context.apply(loader));
    }
    PluginBoundary boundary = new PluginBoundary(loader.get());
    return new PluginSource(boundary, boundary.build(() -> options.build(context.apply(loader))));
  }

  static Channel channel(
      ChannelOptions options, Function<Optional<PluginClassLoader>, ChannelContext> context) {
    Optional<PluginClassLoader> loader = PluginClassLoader.of(options);
    if (loader.isEmpty()) {
      return options.build(context.apply(loader));
    }
    PluginBoundary boundary = new PluginBoundary(loader.get());
    return new PluginChannel(boundary, boundary.build(() -> options.build(context.apply(loader))));
  }

  static Interceptor interceptor(
      InterceptorOptions options, Function<Optional<PluginClassLoader>, ComponentContext> context) {
    Optional<PluginClassLoader> loader = PluginClassLoader.of(options);
    if (loader.isEmpty()) {
      return options.build(context.apply(loader));
    }
    PluginBoundary boundary = new PluginBoundary(loader.get());
    Interceptor own = boundary.build(() -> options.build(context.apply(loader)));
    return batch -> boundary.call(() -> own.intercept(batch));
  }

  static Selector selector(SelectorOptions options, List<String> channels) {
    Optional<PluginClassLoader> loader = PluginClassLoader.of(options);
    if (loader.isEmpty()) {
      return options.build(channels);
    }
    PluginBoundary boundary = new PluginBoundary(loader.get());
    Selector own = boundary.build(() -> options.build(channels));
    return batch -> boundary.call(() -> own.route(batch));
  }

  /** Work of a plug-in that may fail in any way. */
  @FunctionalInterface
  interface Step {
    void run() throws Exception;
  }

  private <T> T build(Supplier<T> build) {
    try (ContextLoader ignored = ContextLoader.set(loader)) {
      return build.get();
    } catch (LinkageError e) {
      throw new ConfigurationException(PluginFault.of(loader.plugin(), e).toString(), e);
    }
  }

  <T> T call(Supplier<T> call) {
    try (ContextLoader ignored = ContextLoader.set(loader)) {
      return call.get();
    } catch (LinkageError e) {
      throw explained(e);
    }
  }

  void perform(Runnable call) {
    call(
        () -> {
          call.run();
          return loader;
        });
  }

  /** Until the result is closed, this thread works for the plug-in. */
  ContextLoader enter() {
    return ContextLoader.set(loader);
  }

  void run(Step step) throws Exception {
    try (ContextLoader ignored = ContextLoader.set(loader)) {
      step.run();
    } catch (LinkageError e) {
      throw explained(e);
    }
  }

  /** Still an error: the component has failed. */
  private LinkageError explained(LinkageError e) {
    return new LinkageError(PluginFault.of(loader.plugin(), e).toString(), e);
  }

  private record PluginSink(PluginBoundary boundary, Sink sink) implements Sink {
    @Override
    public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
      return boundary.call(() -> sink.deliver(batch, origin));
    }

    @Override
    public int maxInFlight() {
      return boundary.call(sink::maxInFlight);
    }

    @Override
    public Duration holdsFor() {
      return boundary.call(sink::holdsFor);
    }

    @Override
    public void settleSoon() {
      boundary.perform(sink::settleSoon);
    }

    @Override
    public void start() throws Exception {
      boundary.run(sink::start);
    }

    @Override
    public void stop() throws Exception {
      boundary.run(sink::stop);
    }
  }

  private record PluginSource(PluginBoundary boundary, Source source) implements Source {
    @Override
    public void start() throws Exception {
      boundary.run(source::start);
    }

    @Override
    public void stop() throws Exception {
      boundary.run(source::stop);
    }
  }
}
