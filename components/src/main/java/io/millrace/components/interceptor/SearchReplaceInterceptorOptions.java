/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.Component;
import io.millrace.api.ComponentContext;
import io.millrace.api.ComponentKind;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Option;
import io.millrace.kit.regex.BoundedPattern;
import io.millrace.kit.regex.RunawayPatternException;
import java.nio.charset.Charset;

/** Options of the search_replace interceptor. Immutable. */
@Component(
    kind = ComponentKind.INTERCEPTOR,
    name = "search_replace",
    flumeClasses = {
      "org.apache.flume.interceptor.SearchAndReplaceInterceptor$Builder",
      "org.apache.flume.interceptor.SearchAndReplaceInterceptor"
    },
    summary = "Replaces what matches a regular expression in the bodies of events.")
public record SearchReplaceInterceptorOptions(
    @Option(doc = "Regular expression of what is replaced.", required = true) String searchPattern,
    @Option(doc = "What takes its place; $1 is the first group.", def = "") String replaceString,
    @Option(doc = "Character set of the bodies.", def = "UTF-8") Charset charset)
    implements InterceptorOptions {
  @Override
  public Interceptor build(ComponentContext context) {
    BoundedPattern pattern = BoundedPattern.compile("searchPattern", searchPattern);
    pattern.checkReplacement("replaceString", replaceString);
    RunawayLog runaways = new RunawayLog(context, "The event stays as it is");
    return batch ->
        ChangedEvents.of(
            batch,
            (event, changed) -> {
              String before = new String(event.body(), charset);
              String after;
              try {
                after = pattern.replaceAll(before, replaceString);
              } catch (RunawayPatternException e) {
                runaways.add(e);
                return false;
              }
              // A body that is no text in this character set must not be changed by reading it.
              if (after.equals(before)) {
                return false;
              }
              changed.add(event, after.getBytes(charset));
              return true;
            });
  }
}
