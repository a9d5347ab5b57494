/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of JNDI may be used: which context factories, which schemes in URLs, which names. Three CVEs
 * of Apache Flume (2022-25167, 2022-34916, 2022-42468) are one hole, a name or URL that leads to a
 * naming service of somebody else's; so whatever is not listed is refused, and some things are
 * refused even when listed. Immutable.
 */
record JndiRules(Set<String> contextFactories, Set<String> schemes) {
  /** Schemes that name a naming service, fetch something, or start a broker from a file. */
  private static final Set<String> NEVER =
      Set.of(
          "java",
          "ldap",
          "ldaps",
          "rmi",
          "iiop",
          "iiopname",
          "corbaname",
          "corbaloc",
          "dns",
          "nis",
          "nds",
          "http",
          "https",
          "ftp",
          "ftps",
          "file",
          "jar",
          "jrt",
          "data",
          "classpath",
          "xbean",
          "broker",
          "properties",
          "discovery",
          "multicast",
          "jnp",
          "t3",
          "t3s");

  /** Context factories that follow references to anywhere. */
  private static final List<String> NEVER_FACTORIES = List.of("com.sun.jndi.", "sun.", "jdk.");

  /** Where a URL may begin: at the start of the text and after what sets its parts apart. */
  private static final Pattern SCHEME =
      Pattern.compile(
          "(?:^|[(,=&;?|\\s\"'])\\s*([A-Za-z][A-Za-z0-9+.-]*):(?!\\d+(?:[/?,;)&\\s]|$))");

  private static final Pattern SCHEME_ANYWHERE = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://");
  private static final int MAX_DECODINGS = 3;

  JndiRules {
    contextFactories = Set.copyOf(contextFactories);
    schemes = Set.copyOf(new TreeSet<>(schemes.stream().map(JndiRules::lower).toList()));
  }

  /** What is wrong with a context factory; empty when it may be used. */
  Optional<String> complaintOfFactory(String className) {
    if (NEVER_FACTORIES.stream().anyMatch(className::startsWith)) {
      return Optional.of(
          "'" + className + "' is never used: it follows references to any other naming service");
    }
    return contextFactories.contains(className)
        ? Optional.empty()
        : Optional.of(
            "'"
                + className
                + "' is not allowed (expected: one of "
                + new TreeSet<>(contextFactories)
                + "; if it looks names up nowhere but in its own settings, add it to"
                + " allowedContextFactories)");
  }

  /** What is wrong with a URL or another value; empty when it may be used. */
  Optional<String> complaintOfUrl(String text) {
    for (String scheme : schemesIn(text)) {
      if (NEVER.contains(scheme)) {
        return Optional.of(
            "'"
                + scheme
                + ":' is never followed: it leads to a naming service or a file, not to a broker");
      }
      if (!schemes.contains(scheme)) {
        return Optional.of(
            "'"
                + scheme
                + ":' is not allowed (expected: one of "
                + new TreeSet<>(schemes)
                + "; add it to allowedUrlSchemes if it leads to your broker)");
      }
    }
    return Optional.empty();
  }

  /** What is wrong with a name to look up; empty when it may be used. */
  static Optional<String> complaintOfName(String name) {
    return name.indexOf(':') < 0
        ? Optional.empty()
        : Optional.of(
            "'"
                + name
                + "' is a URL (expected: a plain name; a URL would be looked up in whatever naming"
                + " service it names)");
  }

  /** What is wrong with a key of jndi.*; empty when it may be used. */
  static Optional<String> complaintOfKey(String key) {
    String lower = lower(key);
    return lower.startsWith("java.") || lower.startsWith("com.sun.") || lower.startsWith("jndi.")
        ? Optional.of(
            "'"
                + key
                + "' is not passed on: such keys choose where and how names are looked up"
                + " (expected: keys of the client, such as queue.NAME)")
        : Optional.empty();
  }

  private static List<String> schemesIn(String text) {
    List<String> found = new ArrayList<>();
    String decoded = text;
    // Clients decode parameters, and parameters of parameters.
    for (int i = 0; i <= MAX_DECODINGS; i++) {
      addAll(SCHEME, decoded, found);
      addAll(SCHEME_ANYWHERE, decoded, found);
      String next = decode(decoded);
      if (next.equals(decoded)) {
        return found;
      }
      decoded = next;
    }
    found.add("percent signs coded more than " + MAX_DECODINGS + " times");
    return found;
  }

  private static void addAll(Pattern pattern, String text, List<String> found) {
    Matcher matcher = pattern.matcher(text);
    int from = 0;
    while (matcher.find(from)) {
      found.add(lower(matcher.group(1)));
      // From the colon: what ends one URL may begin the next.
      from = matcher.end(1);
    }
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
