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

/**
 * Rules of the form {@code allow|deny:ip|name:pattern}, separated by commas. The first that matches
 * a peer decides; a peer that none matches is accepted. In patterns, {@code *} stands for any
 * characters and {@code ?} for one; the name {@code localhost} means every address of this host.
 *
 * <p>A peer's name is what the name service says of its address, and only if that name leads back
 * to the address (the JDK looks); else its address stands for its name. As the peer may choose its
 * name, matching takes no more than the product of both lengths. Immutable.
 */
final class IpFilterRules implements PeerFilter {
  static final int MAX_RULES = 1000;

  /** As long as a host name can be. */
  static final int MAX_PATTERN_CHARS = 253;

  private static final String OPTION = "ipFilterRules";

  private record Rule(boolean allows, boolean isName, boolean isLocalhost, String pattern) {
    boolean matches(InetAddress peer) {
      if (!isName) {
        return isMatch(pattern, peer.getHostAddress());
      }
      return isLocalhost
          ? isLocal(peer)
          : isMatch(pattern, peer.getCanonicalHostName().toLowerCase(Locale.ROOT));
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
    if (rules.size() > MAX_RULES) {
      throw new ConfigurationException(
          OPTION, OPTION + ": " + rules.size() + " rules (expected: at most " + MAX_RULES + ")");
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
    if (pattern.length() > MAX_PATTERN_CHARS) {
      throw new ConfigurationException(
          OPTION,
          OPTION
              + ": a pattern of "
              + pattern.length()
              + " characters (expected: at most "
              + MAX_PATTERN_CHARS
              + ")");
    }
    return new Rule(allows, isName, isName && pattern.equals("localhost"), pattern);
  }

  private static ConfigurationException broken(String text) {
    return new ConfigurationException(
        OPTION, OPTION + ": '" + text + "' (expected: allow|deny:ip|name:pattern)");
  }

  /** Goes back to the last {@code *} only, which is enough. */
  static boolean isMatch(String pattern, String text) {
    int at = 0;
    int star = -1;
    int starText = 0;
    int i = 0;
    while (i < text.length()) {
      char wanted = at < pattern.length() ? pattern.charAt(at) : 0;
      if (wanted == '*') {
        star = at++;
        starText = i;
      } else if (at < pattern.length() && (wanted == '?' || wanted == text.charAt(i))) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++starText;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
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
