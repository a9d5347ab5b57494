/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.Channel;
import io.millrace.components.testing.ChannelContract;
import io.millrace.components.testing.ToyChannelContext;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;

final class FileChannelTest extends ChannelContract {
  @TempDir Path directory;

  @Override
  protected Channel open(int capacity, int transactionCapacity, Duration keepAlive)
      throws Exception {
    Channel channel =
        new ChannelDirectories(directory)
            .options(capacity, transactionCapacity, keepAlive)
            .build(ToyChannelContext.named("c1"));
    channel.start();
    return channel;
  }
}
