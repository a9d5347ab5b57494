/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.SourceContext;
import java.util.concurrent.ThreadFactory;

/** What a source under test is built with. Safe for many threads. */
public record ToySourceContext(ToyOutput output, ToyMetrics metrics) implements SourceContext {
  public ToySourceContext() {
    this(new ToyOutput(), new ToyMetrics());
  }

  @Override
  public String agent() {
    return "toy";
  }

  @Override
  public String name() {
    return "under-test";
  }

  @Override
  public ThreadFactory threads(String role) {
    return task -> {
      Thread thread = new Thread(task, "toy/source/under-test/" + role);
      thread.setDaemon(true);
      return thread;
    };
  }
}
