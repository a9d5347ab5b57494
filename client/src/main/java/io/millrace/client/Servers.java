/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Decides which server gets the next call. Confined to the sender's thread. */
final class Servers {
  private final List<Server> all;
  private final Routing routing;
  private final RandomGenerator random;

  /** Failover: the one in use. Round robin: the next in turn. */
  private int position;

  Servers(List<Server> all, Routing routing, RandomGenerator random) {
    this.all = List.copyOf(all);
    this.routing = routing;
    this.random = random;
  }

  /** The server for the next call; empty when each is left out or busy. */
  Optional<Server> pick(long nowNanos) {
    return switch (routing) {
      case FAILOVER -> pickInUse(nowNanos);
      case ROUND_ROBIN -> pickFrom(position, nowNanos);
      case RANDOM -> pickAny(nowNanos);
    };
  }

  /** Nanoseconds until a server that is left out now may be picked; NEVER when none is. */
  long backInNanos(long nowNanos) {
    return all.stream()
        .mapToLong(server -> server.leftOutNanos(nowNanos))
        .filter(nanos -> nanos > 0)
        .min()
        .orElse(Outbox.NEVER);
  }

  List<ServerStatistics> statistics() {
    return all.stream().map(Server::statistics).toList();
  }

  void close() {
    all.forEach(Server::close);
  }

  private Optional<Server> pickInUse(long nowNanos) {
    for (int i = 0; i < all.size(); i++) {
      int candidate = (position + i) % all.size();
      Server server = all.get(candidate);
      if (server.leftOutNanos(nowNanos) == 0) {
        position = candidate;
        return server.isBusy() ? Optional.empty() : Optional.of(server);
      }
    }
    return Optional.empty();
  }

  private Optional<Server> pickFrom(int start, long nowNanos) {
    for (int i = 0; i < all.size(); i++) {
      int candidate = (start + i) % all.size();
      if (isFree(all.get(candidate), nowNanos)) {
        position = (candidate + 1) % all.size();
        return Optional.of(all.get(candidate));
      }
    }
    return Optional.empty();
  }

  private Optional<Server> pickAny(long nowNanos) {
    List<Server> free = all.stream().filter(server -> isFree(server, nowNanos)).toList();
    return free.isEmpty() ? Optional.empty() : Optional.of(free.get(random.nextInt(free.size())));
  }

  private static boolean isFree(Server server, long nowNanos) {
    return server.leftOutNanos(nowNanos) == 0 && !server.isBusy();
  }
}
