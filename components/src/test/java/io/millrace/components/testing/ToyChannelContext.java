/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.ChannelContext;
import java.util.concurrent.ThreadFactory;

/** What a channel under test is built with. Immutable. */
public record ToyChannelContext(String name, ToyMetrics metrics) implements ChannelContext {
  public static ToyChannelContext named(String name) {
    return new ToyChannelContext(name, new ToyMetrics());
  }

  @Override
  public String agent() {
    return "a1";
  }

  @Override
  public ThreadFactory threads(String role) {
    return ToyThreads.named(agent() + "/channel/" + name + "/" + role);
  }
}
