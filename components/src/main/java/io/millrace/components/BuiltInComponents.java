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
import io.millrace.components.selector.LoadBalancingSelectorOptions;
import io.millrace.components.selector.MultiplexingSelectorOptions;
import io.millrace.components.selector.ReplicatingSelectorOptions;
import io.millrace.components.serializer.AvroEventSerializerOptions;
import io.millrace.components.serializer.AvroRecordSerializerOptions;
import io.millrace.components.serializer.HeaderAndTextSerializerOptions;
import io.millrace.components.serializer.TextSerializerOptions;
import io.millrace.components.spillablememory.SpillableMemoryOptions;
import io.millrace.components.spooldir.SpoolDirOptions;
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
        MemoryChannelOptions.class,
        FileChannelOptions.class,
        SpillableMemoryOptions.class,
        AvroSinkOptions.class,
        ThriftSinkOptions.class,
        FileRollSinkOptions.class,
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
        AvroRecordSerializerOptions.class,
        BatchSerializerOptions.class,
        LineDeserializerOptions.class,
        AvroDeserializerOptions.class,
        BlobDeserializerOptions.class);
  }
}
