/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Hosts that are addresses of the loopback interface. Between any two of them stands a relay that
 * holds back or slows what passes, in the place of a link.
 */
final class Loopback implements Network {
  private record Route(Host from, Host to, int port) {}

  private final Map<String, Relay.Passing> links = new HashMap<>();
  private final Map<Route, Relay> relays = new HashMap<>();
  private final String net;
  private int addresses;

  Loopback() {
    this.net = "127.77." + ProcessHandle.current().pid() % 250;
  }

  private String nextAddress() {
    addresses++;
    return net + "." + addresses;
  }

  @Override
  public Host add(String name) {
    String address = nextAddress();
    links.put(name, Relay.Passing.FREELY);
    return new Host(name, address, address, address, List.of());
  }

  @Override
  public Place route(Host from, Host to, int port) {
    Relay relay =
        relays.computeIfAbsent(
            new Route(from, to, port), route -> open(nextAddress(), to.address(), port));
    return new Place(relay.address(), port);
  }

  private static Relay open(String address, String target, int port) {
    try {
      return Relay.open(new InetSocketAddress(address, port), new InetSocketAddress(target, port));
    } catch (IOException e) {
      throw new UncheckedIOException("Relay " + address + ":" + port, e);
    }
  }

  /** That of the relays, which call in its place. */
  @Override
  public String callerAddress(Host host) {
    return "127.0.0.1";
  }

  @Override
  public void cut(Host host) {
    set(host, Relay.Passing.NOTHING);
  }

  @Override
  public void restore(Host host) {
    set(host, Relay.Passing.FREELY);
  }

  @Override
  public void slow(Host host) {
    set(host, Relay.Passing.SLOWLY);
  }

  @Override
  public void drop(Host host) {
    cut(host);
  }

  private void set(Host host, Relay.Passing passing) {
    links.put(host.name(), passing);
    relays.forEach(
        (route, relay) ->
            relay.let(links.get(route.from().name()).worse(links.get(route.to().name()))));
  }

  @Override
  public String description() {
    return "loopback addresses and relays; a slow link has %d kbit/s each way"
        .formatted(SLOW_BITS_PER_SECOND / 1000);
  }

  @Override
  public void close() {
    relays.values().forEach(Relay::close);
  }
}
