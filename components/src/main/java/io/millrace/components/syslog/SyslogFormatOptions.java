/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.kit.regex.BoundedPattern;
import java.text.SimpleDateFormat;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A form of messages of one's own, as syslogtcp and syslogudp have it. Immutable. */
public record SyslogFormatOptions(
    @Option(
            name = "format.regex",
            doc =
                "Regular expression of a form of messages that is tried before the others; its"
                    + " groups 1 to 5 are priority, version, timestamp, host and body.")
        Optional<String> regex,
    @Option(
            name = "format.search",
            doc = "Regular expression that is searched in the timestamp of that form.")
        Optional<String> search,
    @Option(name = "format.replace", doc = "What takes the place of what format.search finds.")
        Optional<String> replace,
    @Option(
            name = "format.dateFormat",
            doc = "Pattern of that timestamp, in the letters of java.text.SimpleDateFormat.")
        Optional<String> dateFormat) {

  static final SyslogFormatOptions NONE =
      new SyslogFormatOptions(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  public SyslogFormatOptions {
    if (regex.isPresent()) {
      BoundedPattern pattern = BoundedPattern.compile("format.regex", regex.get());
      CustomFormat.check(pattern);
      if (dateFormat.isEmpty()) {
        throw new ConfigurationException(
            "format.dateFormat",
            "format.dateFormat is not set (expected: the pattern of the timestamp that format.regex"
                + " finds, such as yyyy-MM-dd'T'HH:mm:ss)");
      }
      dateFormat(dateFormat.get());
      if (search.isPresent()) {
        BoundedPattern.compile("format.search", search.get())
            .checkReplacement("format.replace", replace.orElse(""));
      }
    }
  }

  private static SimpleDateFormat dateFormat(String pattern) {
    try {
      return new SimpleDateFormat(pattern, Locale.ENGLISH);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "format.dateFormat", "format.dateFormat: '" + pattern + "': " + e.getMessage());
    }
  }

  /** One for each thread. */
  Optional<CustomFormat> custom(ZoneId zone) {
    return regex.map(
        expression ->
            new CustomFormat(
                BoundedPattern.compile("format.regex", expression),
                search.map(text -> BoundedPattern.compile("format.search", text)),
                replace.orElse(""),
                dateFormat(dateFormat.orElseThrow()),
                zone));
  }

  /** For {@code ineffective()} of a source's options. */
  Map<String, String> ineffective() {
    Map<String, String> without = new HashMap<>();
    if (regex.isEmpty()) {
      search.ifPresent(set -> without.put("format.search", "format.regex is not set"));
      dateFormat.ifPresent(set -> without.put("format.dateFormat", "format.regex is not set"));
    }
    if (regex.isEmpty() || search.isEmpty()) {
      replace.ifPresent(set -> without.put("format.replace", "format.search is not in use"));
    }
    return without;
  }
}
