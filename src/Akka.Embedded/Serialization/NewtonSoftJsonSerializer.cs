// The serializer for everything that has none of its own: JSON with type names. Convenient in tests, too loose and too slow for the wire.

using System.Globalization;
using System.Text;
using Akka.Actor;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;

namespace Akka.Serialization;

public class NewtonSoftJsonSerializer : Serializer
{
    private readonly JsonSerializer _serializer;

    public NewtonSoftJsonSerializer(ExtendedActorSystem system)
        : base(system)
    {
        Settings = new JsonSerializerSettings
        {
            PreserveReferencesHandling = PreserveReferencesHandling.Objects,
            NullValueHandling = NullValueHandling.Ignore,
            DefaultValueHandling = DefaultValueHandling.Ignore,
            MissingMemberHandling = MissingMemberHandling.Ignore,
            ObjectCreationHandling = ObjectCreationHandling.Replace,
            ConstructorHandling = ConstructorHandling.AllowNonPublicDefaultConstructor,
            TypeNameHandling = TypeNameHandling.All,
            SerializationBinder = new PeerBinder(system),
            Converters = { new ActorRefConverter(system), new NumberConverter() },
        };
        _serializer = JsonSerializer.Create(Settings);
    }

    public JsonSerializerSettings Settings { get; }
    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj)
    {
        var text = new StringBuilder();
        using var writer = new JsonTextWriter(new StringWriter(text, CultureInfo.InvariantCulture));
        _serializer.Serialize(writer, obj, typeof(object));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public override object FromBinary(byte[] bytes, Type type)
    {
        using var reader = new JsonTextReader(new StreamReader(new MemoryStream(bytes), Encoding.UTF8));
        return NumberConverter.Unpack(_serializer.Deserialize(reader, type ?? typeof(object)));
    }

    /// <summary>JSON names types; only those may be made that peers may name.</summary>
    private sealed class PeerBinder(ExtendedActorSystem system) : DefaultSerializationBinder
    {
        public override Type BindToType(string assemblyName, string typeName) =>
            system.Serialization.Peers.TryFind(assemblyName is null ? typeName : $"{typeName}, {assemblyName}", out var type)
                ? type
                : throw new JsonSerializationException($"[{typeName}, {assemblyName}] is no type that a peer may name.");
    }

    /// <summary>References travel as their paths.</summary>
    private sealed class ActorRefConverter(ExtendedActorSystem system) : JsonConverter
    {
        public override bool CanConvert(Type objectType) => typeof(IActorRef).IsAssignableFrom(objectType);

        public override void WriteJson(JsonWriter writer, object value, JsonSerializer serializer)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("$ref-path");
            writer.WriteValue(Serialization.SerializedActorPath((IActorRef)value));
            writer.WriteEndObject();
        }

        public override object ReadJson(JsonReader reader, Type objectType, object existingValue, JsonSerializer serializer) =>
            reader.TokenType == JsonToken.Null ? null : system.Provider.ResolveActorRef((string)JObject.Load(reader)["$ref-path"]);
    }

    /// <summary>JSON has one kind of number: where the receiver cannot know which was meant, the letter says it.</summary>
    private sealed class NumberConverter : JsonConverter
    {
        public override bool CanConvert(Type objectType) =>
            objectType == typeof(int) || objectType == typeof(float) || objectType == typeof(decimal) || objectType == typeof(object);

        public override void WriteJson(JsonWriter writer, object value, JsonSerializer serializer)
        {
            if (value.GetType() == typeof(object))
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
                return;
            }

            var letter = value switch { int => "I", float => "F", _ => "M" };
            writer.WriteStartObject();
            writer.WritePropertyName("$");
            writer.WriteValue(letter + ((IFormattable)value).ToString(value is decimal ? "G" : value is int ? "D" : "R", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }

        public override object ReadJson(JsonReader reader, Type objectType, object existingValue, JsonSerializer serializer)
        {
            if (objectType != typeof(object)) return Read(reader, objectType);
            return Unpack(serializer.Deserialize(reader));
        }

        internal static object Unpack(object value) =>
            value is JObject { Count: 1 } packed && packed["$"] is { Type: JTokenType.String } number ? Parse((string)number) : value;

        private static object Read(JsonReader reader, Type type)
        {
            var token = JToken.Load(reader);
            return token is JObject packed ? Parse((string)packed["$"]) : token.ToObject(type);
        }

        private static object Parse(string text) => text[0] switch
        {
            'I' => int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture),
            'F' => float.Parse(text.AsSpan(1), CultureInfo.InvariantCulture),
            'M' => decimal.Parse(text.AsSpan(1), CultureInfo.InvariantCulture),
            _ => throw new NotSupportedException($"Unknown number {text}"),
        };
    }
}
