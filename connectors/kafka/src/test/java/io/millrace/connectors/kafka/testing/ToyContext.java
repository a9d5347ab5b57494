/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.testing;

import io.millrace.api.ChannelContext;
import io.millrace.api.Output;
import io.millrace.api.SinkContext;
import io.millrace.api.SourceContext;
import java.util.concurrent.ThreadFactory;

/** What a component under test is built with. Immutable. */
public record ToyContext(String name, Output output, ToyMetrics metrics)
    implements SourceContext, SinkContext, ChannelContext {
  public ToyContext(String name) {
    this(name, new ToyOutput(), new ToyMetrics());
  }

  @Override
  public String agent() {
    return "toy";
  }

  @Override
  public int batchSize() {
    return 100;
  }

  @Override
  public ThreadFactory threads(String role) {
    return task -> {
      Thread thread = new Thread(task, "toy/" + name + "/" + role);
      thread.setDaemon(true);
      return thread;
    };
  }
}
