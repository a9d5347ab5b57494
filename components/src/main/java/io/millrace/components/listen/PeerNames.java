/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import io.millrace.rpc.session.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Names of peers, as the name service has them, asked for off the threads that read. A name counts
 * only if it leads back to the address (the JDK looks); else, and until it is known, the address
 * stands for it. Guarded by {@code this}.
 *
 * <p>Bounds: {@link #MAX_NAMES} are remembered for {@link #TTL}; {@link #MAX_WAITING} wait for the
 * name service.
 */
public final class PeerNames implements AutoCloseable {
  static final int MAX_NAMES = 4096;
  static final int MAX_WAITING = 1024;
  static final Duration TTL = Duration.ofMinutes(10);

  private static final int THREADS = 2;

  private final LongSupplier nanoTime;
  private final ThreadPoolExecutor lookups;
  private final Map<InetAddress, Entry> names = new HashMap<>();

  /** {@code waiting} is not null until the name service has answered. */
  private static final class Entry {
    private String name;
    private long untilNanos;
    private List<Runnable> waiting;
  }

  public PeerNames(ThreadFactory threads, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.lookups =
        new ThreadPoolExecutor(
            THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), threads);
    lookups.allowCoreThreadTimeOut(true);
  }

  /** The name, or the address while it is not known. Never waits. */
  public synchronized String nameOrAddress(InetSocketAddress peer) {
    return fresh(peer, peer.getAddress()).name;
  }

  /**
   * Calls {@code known} on any thread when {@link #nameOrAddress} has an answer of the name service
   * for the peer, or there will be none.
   */
  public void lookUp(InetSocketAddress peer, Runnable known) {
    synchronized (this) {
      Entry entry = fresh(peer, peer.getAddress());
      if (entry.waiting != null) {
        entry.waiting.add(known);
        return;
      }
    }
    known.run();
  }

  private Entry fresh(InetSocketAddress peer, InetAddress address) {
    long now = nanoTime.getAsLong();
    Entry entry = names.get(address);
    if (entry == null) {
      if (names.size() >= MAX_NAMES) {
        names.values().removeIf(known -> known.waiting == null);
      }
      entry = new Entry();
      entry.name = Peer.hostOf(peer);
      entry.untilNanos = now;
      names.put(address, entry);
    }
    if (entry.waiting == null && now - entry.untilNanos >= 0) {
      entry.untilNanos = now + TTL.toNanos();
      if (ask(address)) {
        entry.waiting = new ArrayList<>();
      }
    }
    return entry;
  }

  private boolean ask(InetAddress address) {
    try {
      lookups.execute(() -> answered(address, name(address)));
      return true;
    } catch (RejectedExecutionException tooMany) {
      return false;
    }
  }

  private void answered(InetAddress address, String name) {
    List<Runnable> waiting = List.of();
    synchronized (this) {
      Entry entry = names.get(address);
      entry.name = name;
      if (entry.waiting != null) {
        waiting = entry.waiting;
        entry.waiting = null;
      }
    }
    waiting.forEach(Runnable::run);
  }

  private static String name(InetAddress address) {
    try {
      String name = InetAddress.getByAddress(address.getAddress()).getHostName();
      int zone = name.indexOf('%');
      return zone < 0 ? name : name.substring(0, zone);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    lookups.shutdownNow();
  }
}
