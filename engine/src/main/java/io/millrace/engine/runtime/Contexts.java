/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.ChannelContext;
import io.millrace.api.ComponentContext;
import io.millrace.api.Metrics;
import io.millrace.api.Output;
import io.millrace.api.SinkContext;
import io.millrace.api.SourceContext;
import io.millrace.engine.plugin.PluginClassLoader;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/** What the engine hands to the components that it builds. All immutable. */
final class Contexts {
  private Contexts() {}

  record OfChannel(
      String agent,
      String name,
      Metrics metrics,
      FailureReport report,
      Optional<PluginClassLoader> loader)
      implements ChannelContext {
    @Override
    public ThreadFactory threads(String role) {
      return new ComponentThreads(agent, "channel", name, role, report::failed, loader);
    }

    @Override
    public void failed(Throwable cause) {
      report.failed(cause);
    }
  }

  record OfSink(
      String agent,
      String name,
      Metrics metrics,
      int batchSize,
      FailureReport report,
      Optional<PluginClassLoader> loader)
      implements SinkContext {
    @Override
    public ThreadFactory threads(String role) {
      return new ComponentThreads(agent, "sink", name, role, report::failed, loader);
    }

    @Override
    public void failed(Throwable cause) {
      report.failed(cause);
    }
  }

  record OfSource(
      String agent,
      String name,
      Metrics metrics,
      Output output,
      FailureReport report,
      Optional<PluginClassLoader> loader)
      implements SourceContext {
    @Override
    public ThreadFactory threads(String role) {
      return new ComponentThreads(agent, "source", name, role, report::failed, loader);
    }

    @Override
    public void failed(Throwable cause) {
      report.failed(cause);
    }
  }

  /** An interceptor counts on the metrics of its source, and has no life of its own to restart. */
  record OfInterceptor(
      String agent, String name, Metrics metrics, Optional<PluginClassLoader> loader)
      implements ComponentContext {
    @Override
    public ThreadFactory threads(String role) {
      return new ComponentThreads(agent, "interceptor", name, role, error -> {}, loader);
    }
  }
}
