/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Command;
import io.millrace.systemtests.Scene;
import io.millrace.systemtests.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hosts that are network namespaces of this machine. A namespace of its own holds two bridges: one
 * carries the traffic between the hosts, the other the test's own, which no fault touches. So
 * everything but one interface lies in namespaces, and goes with them.
 *
 * <p>Their names say which process made them, so that a run finds what a killed one left.
 */
final class Namespaces implements Network {
  private static final Pattern OURS = Pattern.compile("^(millrace-(\\d+)-\\S+)", Pattern.MULTILINE);

  private static final Pattern PID = Pattern.compile("^\\d+$", Pattern.MULTILINE);

  /** A queue that holds more than the load brings in that time drops what comes then. */
  private static final String QUEUE_MILLIS = "400ms";

  private static final String BURST_BYTES = "4000";
  private static final String DELAY = "60ms";

  private final Path work;
  private final String prefix;
  private final String lan;
  private final String ownInterface;
  private final String controlNet;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final boolean hasDelay;

  private Namespaces(Path work) {
    long pid = ProcessHandle.current().pid();
    this.work = work;
    this.prefix = "millrace-" + pid + "-";
    this.lan = prefix + "lan";
    this.ownInterface = "mr" + Long.toString(pid, Character.MAX_RADIX);
    // A part of the range that is set aside for tests of networks (RFC 2544).
    this.controlNet = "198.18." + pid % 250;
    removeLeftovers();
    try {
      makeBridges();
      this.hasDelay = call("tc", "-n", lan, "qdisc", "add", "dev", "lo", "root", "netem").isWell();
      if (hasDelay) {
        tool("tc", "-n", lan, "qdisc", "del", "dev", "lo", "root");
      }
    } catch (NotPermittedException e) {
      close();
      throw e;
    }
  }

  static Namespaces open(Path work) {
    if (!Tool.isThere("ip") || !Tool.isThere("tc")) {
      throw new NotPermittedException("No ip or tc here (apt-get install iproute2)");
    }
    return new Namespaces(work);
  }

  private void makeBridges() {
    tool("ip", "netns", "add", lan);
    tool("ip", "-n", lan, "link", "set", "lo", "up");
    for (String bridge : List.of("data", "control")) {
      tool("ip", "-n", lan, "link", "add", bridge, "type", "bridge");
      tool("ip", "-n", lan, "link", "set", bridge, "up");
    }
    tool("ip", "link", "add", ownInterface, "type", "veth", "peer", "name", "test", "netns", lan);
    tool("ip", "-n", lan, "link", "set", "test", "master", "control", "up");
    tool("ip", "addr", "add", controlNet + ".254/24", "dev", ownInterface);
    tool("ip", "link", "set", ownInterface, "up");
  }

  @Override
  public Host add(String name) {
    int number = numbers.size() + 1;
    numbers.put(name, number);
    String space = prefix + name;
    tool("ip", "netns", "add", space);
    tool("ip", "-n", space, "link", "set", "lo", "up");
    attach(space, "data", "d" + number, "10.77.0." + number);
    attach(space, "control", "c" + number, controlNet + "." + number);
    return new Host(
        name,
        "0.0.0.0",
        "10.77.0." + number,
        controlNet + "." + number,
        List.of("ip", "netns", "exec", space));
  }

  private void attach(String space, String bridge, String port, String address) {
    tool(
        "ip", "-n", lan, "link", "add", port, "type", "veth", "peer", "name", bridge, "netns",
        space);
    tool("ip", "-n", lan, "link", "set", port, "master", bridge, "up");
    tool("ip", "-n", space, "addr", "add", address + "/24", "dev", bridge);
    tool("ip", "-n", space, "link", "set", bridge, "up");
  }

  @Override
  public Place route(Host from, Host to, int port) {
    return new Place(to.address(), port);
  }

  @Override
  public String callerAddress(Host host) {
    return host.address();
  }

  @Override
  public void cut(Host host) {
    tool("ip", "-n", lan, "link", "set", portOf(host), "down");
  }

  @Override
  public void restore(Host host) {
    call("tc", "-n", lan, "qdisc", "del", "dev", portOf(host), "root");
    call("tc", "-n", prefix + host.name(), "qdisc", "del", "dev", "data", "root");
    tool("ip", "-n", lan, "link", "set", portOf(host), "up");
  }

  @Override
  public void slow(Host host) {
    slow(lan, portOf(host));
    slow(prefix + host.name(), "data");
  }

  private void slow(String space, String device) {
    String rate = SLOW_BITS_PER_SECOND + "bit";
    List<String> words =
        new ArrayList<>(List.of("tc", "-n", space, "qdisc", "replace", "dev", device, "root"));
    words.addAll(
        hasDelay
            ? List.of("netem", "delay", DELAY, "rate", rate)
            : List.of("tbf", "rate", rate, "burst", BURST_BYTES, "latency", QUEUE_MILLIS));
    tool(words.toArray(String[]::new));
  }

  @Override
  public void drop(Host host) {
    tool("ip", "-n", lan, "link", "del", portOf(host));
  }

  private String portOf(Host host) {
    return "d" + numbers.get(host.name());
  }

  @Override
  public String description() {
    return "network namespaces; a slow link has %d kbit/s each way%s"
        .formatted(SLOW_BITS_PER_SECOND / 1000, hasDelay ? " and " + DELAY + " more" : "");
  }

  /** What a run left that did not come to its end, and this one. */
  private void removeLeftovers() {
    Command list = Tool.call(work, "ip", "netns", "list");
    Matcher found = OURS.matcher(list.output());
    while (found.find()) {
      long owner = Long.parseLong(found.group(2));
      boolean isOwn = owner == ProcessHandle.current().pid();
      if (isOwn || ProcessHandle.of(owner).isEmpty()) {
        removeSpace(found.group(1), isOwn);
      }
    }
  }

  private void removeSpace(String space, boolean isOwn) {
    Matcher left = PID.matcher(call("ip", "netns", "pids", space).output());
    while (left.find()) {
      Scene.say("Process " + left.group() + " is left over in " + space + "; it is killed");
      ProcessHandle.of(Long.parseLong(left.group())).ifPresent(ProcessHandle::destroyForcibly);
    }
    Command removed = call("ip", "netns", "del", space);
    if (!isOwn || !removed.isWell()) {
      Scene.say("Left over by an earlier run: " + space + "; removed: " + removed.isWell());
    }
  }

  /** Removes them all, and the interface with them. */
  @Override
  public void close() {
    removeLeftovers();
    // It goes with its other end, but a moment later.
    call("ip", "link", "del", ownInterface);
  }

  private void tool(String... words) {
    Command done = call(words);
    if (!done.isWell()) {
      throw new NotPermittedException(String.join(" ", words) + ": " + done.output().strip());
    }
  }

  private Command call(String... words) {
    return Tool.call(work, words);
  }
}
