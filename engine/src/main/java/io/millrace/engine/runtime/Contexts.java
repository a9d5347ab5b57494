/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.ChannelContext;
import io.millrace.api.ComponentContext;
import io.millrace.api.Metrics;
import io.millrace.api.Output;
import io.millrace.api.SinkContext;
import io.millrace.api.SourceContext;
import java.util.concurrent.ThreadFactory;

/** What the engine hands to the components that it builds. All immutable. */
final class Contexts {
  private Contexts() {}

  record OfChannel(String agent, String name, Metrics metrics) implements ChannelContext {
    @Override
    public ThreadFactory threads(String role) {
      return new ComponentThreads(agent, "channel", name, role);
    }
  }

  record OfSink(String agent, String name, Metrics metrics, int batchSize) implements SinkContext {
    @Override
    public ThreadFactory threads(String role) {
      return new ComponentThreads(agent, "sink", name, role);
    }
  }

  record OfSource(String agent, String name, Metrics metrics, Output output)
      implements SourceContext {
    @Override
    public ThreadFactory threads(String role) {
      return new ComponentThreads(agent, "source", name, role);
    }
  }

  /** An interceptor counts on the metrics of its source. */
  record OfInterceptor(String agent, String name, Metrics metrics) implements ComponentContext {
    @Override
    public ThreadFactory threads(String role) {
      return new ComponentThreads(agent, "interceptor", name, role);
    }
  }
}
