/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.SinkContext;
import java.util.concurrent.ThreadFactory;

/** What a sink under test is built with. Immutable. */
public record ToySinkContext(String name, int batchSize, ToyMetrics metrics)
    implements SinkContext {
  public static ToySinkContext named(String name) {
    return new ToySinkContext(name, 100, new ToyMetrics());
  }

  @Override
  public String agent() {
    return "a1";
  }

  @Override
  public ThreadFactory threads(String role) {
    return ToyThreads.named(agent() + "/sink/" + name + "/" + role);
  }
}
