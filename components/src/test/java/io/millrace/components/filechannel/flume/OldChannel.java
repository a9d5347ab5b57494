/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.Delivery;
import io.millrace.components.testing.Events;
import io.millrace.journal.codec.KeySource;
import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The directories of a channel of Flume, and what its takeover does. Confined to one thread. */
final class OldChannel implements FlumeBacklog.Listener {
  static final KeySource KEYS =
      alias ->
          alias.equals(FlumeLogWriter.ALIAS) ? Optional.of(FlumeLogWriter.KEY) : Optional.empty();

  private final Path root;
  private long lost;

  OldChannel(Path root) {
    this.root = root;
  }

  Path data(int index) {
    return root.resolve("data-" + index);
  }

  Path checkpoint() {
    return root.resolve("checkpoint");
  }

  /** Where the taken over files of the first data directory are. */
  Path folder() {
    return data(1).resolve(FlumeDirectory.FOLDER);
  }

  Path home() {
    return checkpoint().resolve(FlumeDirectory.FOLDER);
  }

  long lost() {
    return lost;
  }

  FlumeTakeover.Directories directories() {
    return new FlumeTakeover.Directories(
        "c1", List.of(data(1), data(2)), checkpoint(), Optional.of(root.resolve("backup")));
  }

  FlumeBacklog open(KeySource keys, Disk disk) {
    return FlumeTakeover.open(directories(), keys, disk, this);
  }

  FlumeBacklog open() {
    return open(KEYS, new NioDisk());
  }

  /** Opens it, takes and acknowledges everything, and closes it. */
  List<String> deliverAll() {
    return deliverAll(new NioDisk());
  }

  List<String> deliverAll(Disk disk) {
    try (FlumeBacklog backlog = open(KEYS, disk)) {
      return drain(backlog);
    }
  }

  static List<String> drain(FlumeBacklog backlog) {
    List<String> bodies = new ArrayList<>();
    for (Delivery next = backlog.take(3, Long.MAX_VALUE);
        next != null;
        next = backlog.take(3, Long.MAX_VALUE)) {
      try (Delivery delivery = next) {
        bodies.addAll(Events.bodies(delivery.batch()));
        delivery.acknowledge();
      }
    }
    return bodies;
  }

  /** Every file and folder below the root, relative to it. */
  List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public void eventsLost(long events) {
    lost += events;
  }

  @Override
  public void roomFreed() {}
}
