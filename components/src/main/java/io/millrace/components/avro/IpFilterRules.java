/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.ConfigurationException;
import io.millrace.rpc.transport.PeerFilter;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Rules of the form {@code allow|deny:ip|name:pattern}, separated by commas. The first that matches
 * a peer decides; a peer that none matches is accepted. In patterns, {@code *} stands for any
 * characters and {@code ?} for one; the name {@code localhost} means every address of this host.
 * Immutable.
 */
final class IpFilterRules implements PeerFilter {
  private static final String OPTION = "ipFilterRules";

  private record Rule(boolean allows, boolean isName, boolean isLocalhost, Pattern pattern) {
    boolean matches(InetAddress peer) {
      if (!isName) {
        return pattern.matcher(peer.getHostAddress()).matches();
      }
      return isLocalhost
          ? isLocal(peer)
          : pattern.matcher(peer.getCanonicalHostName().toLowerCase(Locale.ROOT)).matches();
    }
  }

  private final List<Rule> rules;

  private IpFilterRules(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Reads rules.
   *
   * @throws ConfigurationException when one is not of the form above, or there is none
   */
  static IpFilterRules parse(List<String> texts) {
    List<Rule> rules = new ArrayList<>();
    for (String text : texts) {
      if (!text.isBlank()) {
        rules.add(rule(text.trim()));
      }
    }
    if (rules.isEmpty()) {
      throw new ConfigurationException(
          OPTION, OPTION + " is empty (expected: at least one rule, since ipFilter is true)");
    }
    return new IpFilterRules(rules);
  }

  private static Rule rule(String text) {
    String[] parts = text.split(":", 3);
    if (parts.length < 3 || parts[2].isBlank()) {
      throw broken(text);
    }
    boolean allows =
        switch (parts[0].toLowerCase(Locale.ROOT)) {
          case "allow" -> true;
          case "deny" -> false;
          default -> throw broken(text);
        };
    boolean isName =
        switch (parts[1].toLowerCase(Locale.ROOT)) {
          case "name" -> true;
          case "ip" -> false;
          default -> throw broken(text);
        };
    String pattern = parts[2].toLowerCase(Locale.ROOT);
    return new Rule(allows, isName, isName && pattern.equals("localhost"), wildcards(pattern));
  }

  private static ConfigurationException broken(String text) {
    return new ConfigurationException(
        OPTION, OPTION + ": '" + text + "' (expected: allow|deny:ip|name:pattern)");
  }

  private static Pattern wildcards(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (char c : pattern.toCharArray()) {
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString());
  }

  private static boolean isLocal(InetAddress peer) {
    try {
      return peer.isLoopbackAddress() || NetworkInterface.getByInetAddress(peer) != null;
    } catch (SocketException e) {
      // The list of interfaces cannot be read: the peer is not known to be local.
      return false;
    }
  }

  @Override
  public boolean accepts(InetAddress peer) {
    for (Rule rule : rules) {
      if (rule.matches(peer)) {
        return rule.allows();
      }
    }
    return true;
  }

  @Override
  public boolean mayBlock() {
    return rules.stream().anyMatch(rule -> rule.isName() && !rule.isLocalhost());
  }
}
