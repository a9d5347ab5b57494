/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.Component;
import io.millrace.api.ComponentContext;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Option;
import io.millrace.kit.regex.BoundedPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.joda.time.format.DateTimeFormat;
import org.joda.time.format.DateTimeFormatter;

/** Options of the regex_extractor interceptor. Immutable. */
@Component(
    kind = ComponentKind.INTERCEPTOR,
    name = "regex_extractor",
    flumeClasses = {
      "org.apache.flume.interceptor.RegexExtractorInterceptor$Builder",
      "org.apache.flume.interceptor.RegexExtractorInterceptor"
    },
    summary = "Makes headers of the groups of a regular expression found in the body.")
public record RegexExtractorInterceptorOptions(
    @Option(
            doc = "Regular expression; its first match in the body (UTF-8) counts.",
            required = true)
        String regex,
    @Option(doc = "Names of serializers; the first is for group 1, and so on.", required = true)
        List<String> serializers,
    @Option(
            doc =
                "Of serializer NAME: NAME.name, the header; NAME.type, default (the text as it is)"
                    + " or millis; NAME.pattern, the format of a date for millis (letters of"
                    + " Joda-Time, in the time zone of the JVM).",
            name = "serializers.*")
        Map<String, String> serializerOptions)
    implements InterceptorOptions {
  private static final String DEFAULT_CLASS =
      "org.apache.flume.interceptor.regexextractorinterceptorpassthroughserializer";
  private static final String MILLIS_CLASS =
      "org.apache.flume.interceptor.regexextractorinterceptormillisserializer";

  public RegexExtractorInterceptorOptions {
    serializers = List.copyOf(serializers);
    serializerOptions = Map.copyOf(serializerOptions);
    if (serializers.isEmpty()) {
      throw new ConfigurationException("serializers", "no serializer (expected: one a group)");
    }
  }

  @Override
  public Interceptor build(ComponentContext context) {
    BoundedPattern pattern = BoundedPattern.compile("regex", regex);
    if (pattern.groupCount() < serializers.size()) {
      throw new ConfigurationException(
          "serializers",
          serializers.size()
              + " serializers for "
              + pattern.groupCount()
              + " groups of the expression (expected: at most one a group)");
    }
    List<GroupHeader> headers = new ArrayList<>();
    for (String serializer : serializers) {
      headers.add(header(serializer));
    }
    return new GroupExtractor(context, pattern, headers);
  }

  private GroupHeader header(String serializer) {
    String key = "serializers." + serializer + ".";
    String name = serializerOptions.get(serializer + ".name");
    if (name == null || name.isBlank()) {
      throw new ConfigurationException(key + "name", "is required and not set (the header's name)");
    }
    String type = serializerOptions.getOrDefault(serializer + ".type", "default").trim();
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "default", DEFAULT_CLASS -> new GroupHeader(name, Optional::of);
      case "millis", MILLIS_CLASS -> new GroupHeader(name, millis(key, serializer));
      default ->
          throw new ConfigurationException(
              key + "type",
              "'" + type + "' is no serializer of a group (expected: default, millis)");
    };
  }

  private GroupHeader.Value millis(String key, String serializer) {
    String pattern = serializerOptions.get(serializer + ".pattern");
    if (pattern == null || pattern.isBlank()) {
      throw new ConfigurationException(
          key + "pattern", "is required for millis and not set (such as yyyy-MM-dd HH:mm:ss)");
    }
    DateTimeFormatter format;
    try {
      format = DateTimeFormat.forPattern(pattern);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          key + "pattern",
          "'" + pattern + "' is not a format of dates of Joda-Time: " + e.getMessage());
    }
    return text -> {
      try {
        return Optional.of(Long.toString(format.parseMillis(text)));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    };
  }
}
