/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components;

import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentOptions;
import io.millrace.components.avro.AvroSinkOptions;
import io.millrace.components.avro.AvroSourceOptions;
import io.millrace.components.batchfile.BatchSerializerOptions;
import io.millrace.components.deserializer.AvroDeserializerOptions;
import io.millrace.components.deserializer.BlobDeserializerOptions;
import io.millrace.components.deserializer.LineDeserializerOptions;
import io.millrace.components.discard.NullSinkOptions;
import io.millrace.components.exec.ExecOptions;
import io.millrace.components.filechannel.FileChannelOptions;
import io.millrace.components.fileroll.FileRollSinkOptions;
import io.millrace.components.fileroll.RollTimePathManagerOptions;
import io.millrace.components.fileroll.SeriesPathManagerOptions;
import io.millrace.components.generator.SequenceOptions;
import io.millrace.components.generator.StressOptions;
import io.millrace.components.http.BlobHandlerOptions;
import io.millrace.components.http.HttpSourceOptions;
import io.millrace.components.http.JsonHandlerOptions;
import io.millrace.components.http.MorphlineBlobHandlerOptions;
import io.millrace.components.httpsink.HttpSinkOptions;
import io.millrace.components.interceptor.HostInterceptorOptions;
import io.millrace.components.interceptor.RegexExtractorInterceptorOptions;
import io.millrace.components.interceptor.RegexFilterInterceptorOptions;
import io.millrace.components.interceptor.RemoveHeaderInterceptorOptions;
import io.millrace.components.interceptor.SearchReplaceInterceptorOptions;
import io.millrace.components.interceptor.StaticInterceptorOptions;
import io.millrace.components.interceptor.TimestampInterceptorOptions;
import io.millrace.components.interceptor.UuidInterceptorOptions;
import io.millrace.components.logger.LoggerSinkOptions;
import io.millrace.components.memory.MemoryChannelOptions;
import io.millrace.components.netcat.NetcatOptions;
import io.millrace.components.netcat.NetcatUdpOptions;
import io.millrace.components.scribe.ScribeSourceOptions;
import io.millrace.components.selector.LoadBalancingSelectorOptions;
import io.millrace.components.selector.MultiplexingSelectorOptions;
import io.millrace.components.selector.ReplicatingSelectorOptions;
import io.millrace.components.serializer.AvroEventSerializerOptions;
import io.millrace.components.serializer.HeaderAndTextSerializerOptions;
import io.millrace.components.serializer.TextSerializerOptions;
import io.millrace.components.spillablememory.SpillableMemoryOptions;
import io.millrace.components.spooldir.SpoolDirOptions;
import io.millrace.components.syslog.MultiportSyslogTcpOptions;
import io.millrace.components.syslog.SyslogTcpOptions;
import io.millrace.components.syslog.SyslogUdpOptions;
import io.millrace.components.taildir.TaildirOptions;
import io.millrace.components.thrift.ThriftSinkOptions;
import io.millrace.components.thrift.ThriftSourceOptions;
import java.util.List;

/** The components of this module. Immutable. */
public final class BuiltInComponents implements ComponentCatalog {
  @Override
  public List<Class<? extends ComponentOptions>> components() {
    return List.of(
        AvroSourceOptions.class,
        ThriftSourceOptions.class,
        TaildirOptions.class,
        SpoolDirOptions.class,
        SequenceOptions.class,
        StressOptions.class,
        NetcatOptions.class,
        ExecOptions.class,
        SyslogTcpOptions.class,
        MultiportSyslogTcpOptions.class,
        SyslogUdpOptions.class,
        NetcatUdpOptions.class,
        HttpSourceOptions.class,
        JsonHandlerOptions.class,
        BlobHandlerOptions.class,
        MorphlineBlobHandlerOptions.class,
        ScribeSourceOptions.class,
        MemoryChannelOptions.class,
        FileChannelOptions.class,
        SpillableMemoryOptions.class,
        AvroSinkOptions.class,
        ThriftSinkOptions.class,
        FileRollSinkOptions.class,
        HttpSinkOptions.class,
        SeriesPathManagerOptions.class,
        RollTimePathManagerOptions.class,
        NullSinkOptions.class,
        LoggerSinkOptions.class,
        ReplicatingSelectorOptions.class,
        MultiplexingSelectorOptions.class,
        LoadBalancingSelectorOptions.class,
        TimestampInterceptorOptions.class,
        HostInterceptorOptions.class,
        StaticInterceptorOptions.class,
        RemoveHeaderInterceptorOptions.class,
        UuidInterceptorOptions.class,
        SearchReplaceInterceptorOptions.class,
        RegexFilterInterceptorOptions.class,
        RegexExtractorInterceptorOptions.class,
        TextSerializerOptions.class,
        HeaderAndTextSerializerOptions.class,
        AvroEventSerializerOptions.class,
        BatchSerializerOptions.class,
        LineDeserializerOptions.class,
        AvroDeserializerOptions.class,
        BlobDeserializerOptions.class);
  }
}
