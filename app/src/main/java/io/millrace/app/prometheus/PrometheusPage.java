/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.prometheus;

import io.millrace.app.admin.Answer;
import io.millrace.app.admin.Request;
import io.millrace.app.admin.Route;
import io.millrace.app.health.AgentHealth;
import io.millrace.engine.metrics.ComponentMetrics;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * {@code /metrics/prometheus}: the text format, or OpenMetrics when that is asked for. The library
 * is loaded at the first request. Safe for many threads.
 */
public final class PrometheusPage implements Route.Handler {
  private final Supplier<AgentHealth> health;
  private final Supplier<List<ComponentMetrics>> components;
  private final String version;
  private volatile Library library;

  public PrometheusPage(
      Supplier<AgentHealth> health, Supplier<List<ComponentMetrics>> components, String version) {
    this.health = health;
    this.components = components;
    this.version = version;
  }

  @Override
  public Answer answer(Request request) throws IOException {
    Library loaded = library;
    if (loaded == null) {
      synchronized (this) {
        loaded = library == null ? new Library(version) : library;
        library = loaded;
      }
    }
    return loaded.answer(request.accept(), health.get(), components.get());
  }

  /** What is needed only once somebody asks. */
  private static final class Library {
    private final AgentFamilies families;
    private final PrometheusRegistry jvm = new PrometheusRegistry();
    private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
    private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();

    private Library(String version) {
      families = new AgentFamilies(MetricTable.load(), version);
      JvmMetrics.builder().register(jvm);
    }

    private Answer answer(String accept, AgentHealth health, List<ComponentMetrics> components)
        throws IOException {
      List<MetricSnapshot> snapshots = new ArrayList<>(families.snapshots(health, components));
      jvm.scrape().forEach(snapshots::add);
      ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
      ByteArrayOutputStream out = new ByteArrayOutputStream(64 * 1024);
      writer.write(out, new MetricSnapshots(snapshots));
      return new Answer(200, writer.getContentType(), out.toByteArray());
    }
  }
}
