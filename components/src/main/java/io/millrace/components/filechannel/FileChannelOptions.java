/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.BareUnit;
import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.components.filechannel.codec.EncryptionOptions;
import io.millrace.components.filechannel.flume.FlumeTakeover;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.codec.KeySource;
import io.millrace.journal.disk.Disk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Options of the file channel. Immutable. */
@Component(
    kind = ComponentKind.CHANNEL,
    name = "file",
    flumeClasses = "org.apache.flume.channel.file.FileChannel",
    summary = "Keeps events on disk: what was accepted outlives the process and a power cut.")
public record FileChannelOptions(
    @Option(doc = "Most events in the channel.", def = "1000000", min = 1) int capacity,
    @Option(
            doc = "Most events in one append or one take; not above the capacity.",
            def = "10000",
            min = 1,
            fallsBack = true)
        int transactionCapacity,
    @Option(
            doc = "How long an append waits for room before it fails.",
            name = "keep-alive",
            def = "3",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Duration keepAlive,
    @OptionGroup StorageOptions storage)
    implements ChannelOptions {
  public FileChannelOptions {
    if (transactionCapacity > capacity) {
      throw new ConfigurationException(
          "transactionCapacity",
          "transactionCapacity: "
              + transactionCapacity
              + " (expected: at most the capacity, "
              + capacity
              + "); raise capacity or lower transactionCapacity");
    }
  }

  @Override
  public Channel build(ChannelContext context) {
    return new FileChannel(context, this);
  }

  Path checkpointDir() {
    return storage.checkpointDir();
  }

  List<Path> dataDirs() {
    return storage.dataDirs();
  }

  /** Empty unless it is used. */
  Optional<Path> backupCheckpointDir() {
    return storage.useDualCheckpoints() ? storage.backupCheckpointDir() : Optional.empty();
  }

  EncryptionOptions encryption() {
    return storage.encryption();
  }

  FlumeTakeover.Directories flume(String channel) {
    return new FlumeTakeover.Directories(
        channel, storage.dataDirs(), storage.checkpointDir(), storage.backupCheckpointDir());
  }

  /**
   * @param keys those of {@link #encryption}
   */
  JournalOptions journal(KeySource keys) {
    return storage.journal(keys);
  }

  Disk disk() {
    return storage.disk();
  }

  int copies() {
    return storage.copies();
  }

  long reserveBytes() {
    return storage.reserveBytes();
  }
}
