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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Options of the remove_header interceptor. Immutable. */
@Component(
    kind = ComponentKind.INTERCEPTOR,
    name = "remove_header",
    flumeClasses = {
      "org.apache.flume.interceptor.RemoveHeaderInterceptor$Builder",
      "org.apache.flume.interceptor.RemoveHeaderInterceptor"
    },
    summary = "Takes headers off events: one by name, those of a list, those that match.")
public record RemoveHeaderInterceptorOptions(
    @Option(doc = "Name of a header that is removed.") Optional<String> withName,
    @Option(doc = "Names of headers that are removed.") Optional<String> fromList,
    @Option(doc = "Regular expression of what separates the names.", def = "\\s*,\\s*")
        String fromListSeparator,
    @Option(doc = "Regular expression; headers whose whole name matches are removed.")
        Optional<String> matching)
    implements InterceptorOptions {
  @Override
  public Interceptor build(ComponentContext context) {
    Set<String> names = new LinkedHashSet<>();
    withName.map(String::trim).ifPresent(names::add);
    fromList.ifPresent(list -> names.addAll(List.of(separator().split(list.trim()))));
    return new HeaderRemover(
        names,
        matching.map(expression -> BoundedPattern.compile("matching", expression)),
        new RunawayLog(context, "The header stays"));
  }

  private Pattern separator() {
    try {
      return Pattern.compile(fromListSeparator);
    } catch (PatternSyntaxException e) {
      throw new ConfigurationException(
          "fromListSeparator",
          "'" + fromListSeparator + "' is not a regular expression: " + e.getDescription());
    }
  }
}
