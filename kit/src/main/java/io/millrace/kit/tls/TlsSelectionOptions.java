/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.tls;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;

/** Which protocol versions and cipher suites may be used. Immutable. */
public record TlsSelectionOptions(
    @Option(
            name = "exclude-protocols",
            aliases = "excludeProtocols",
            doc = "TLS versions not to be used; SSLv3 is never used.",
            def = "")
        List<String> excludeProtocols,
    @Option(
            name = "include-protocols",
            doc = "TLS versions that alone may be used; all enabled ones when empty.",
            def = "")
        List<String> includeProtocols,
    @Option(name = "exclude-cipher-suites", doc = "Cipher suites not to be used.", def = "")
        List<String> excludeCipherSuites,
    @Option(
            name = "include-cipher-suites",
            doc = "Cipher suites that alone may be used; all enabled ones when empty.",
            def = "")
        List<String> includeCipherSuites) {

  /** Most names that an error message offers. */
  private static final int MAX_NAMED = 6;

  public TlsSelectionOptions {
    excludeProtocols = List.copyOf(excludeProtocols);
    includeProtocols = List.copyOf(includeProtocols);
    excludeCipherSuites = List.copyOf(excludeCipherSuites);
    includeCipherSuites = List.copyOf(includeCipherSuites);
  }

  /** Sets nothing. */
  public static TlsSelectionOptions defaults() {
    return new TlsSelectionOptions(List.of(), List.of(), List.of(), List.of());
  }

  void applyTo(SSLEngine engine, TlsFallbacks fallbacks) {
    Set<String> excluded =
        new LinkedHashSet<>(either(excludeProtocols, fallbacks.excludeProtocols()));
    excluded.add("SSLv3");
    engine.setEnabledProtocols(
        select(
            "protocols",
            engine.getEnabledProtocols(),
            either(includeProtocols, fallbacks.includeProtocols()),
            excluded));
    engine.setEnabledCipherSuites(
        select(
            "cipher-suites",
            engine.getEnabledCipherSuites(),
            either(includeCipherSuites, fallbacks.includeCipherSuites()),
            Set.copyOf(either(excludeCipherSuites, fallbacks.excludeCipherSuites()))));
  }

  private static List<String> either(List<String> own, List<String> fallback) {
    return own.isEmpty() ? fallback : own;
  }

  private static String[] select(
      String what, String[] enabled, List<String> included, Set<String> excluded) {
    String[] selected =
        List.of(enabled).stream()
            .filter(name -> included.isEmpty() || included.contains(name))
            .filter(name -> !excluded.contains(name))
            .toArray(String[]::new);
    if (selected.length == 0) {
      throw new ConfigurationException(
          included.isEmpty() ? "exclude-" + what : "include-" + what,
          "TLS: no "
              + what
              + " are left: include-"
              + what
              + " is "
              + included
              + ", exclude-"
              + what
              + " is "
              + excluded
              + " (expected: at least one of "
              + shortened(enabled)
              + ")");
    }
    return selected;
  }

  private static String shortened(String[] names) {
    return String.join(", ", List.of(names).subList(0, Math.min(names.length, MAX_NAMED)))
        + (names.length > MAX_NAMED ? ", ..." : "");
  }
}
