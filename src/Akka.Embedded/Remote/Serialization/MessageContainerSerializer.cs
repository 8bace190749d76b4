// A message on its way down a selection on another node.

using Akka.Actor;
using Akka.Remote.Transport;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

public sealed class MessageContainerSerializer(ExtendedActorSystem system) : Serializer(system)
{
    private const int MostElements = 1024;

    private enum Step : byte
    {
        Parent,
        Name,
        Pattern,
        Recursive,
    }

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj)
    {
        if (obj is not ActorSelectionMessage selection) throw new ArgumentException($"Cannot serialize object of type [{obj.GetType()}]", nameof(obj));
        return PayloadSupport.Build(writer =>
        {
            PayloadSupport.Write(system, writer, selection.Message);
            writer.Write(selection.WildCardFanOut);
            writer.Write(checked((ushort)selection.Elements.Count));
            foreach (var element in selection.Elements)
            {
                var (step, text) = element switch
                {
                    SelectChildName name => (Step.Name, name.Name),
                    SelectChildPattern pattern => (Step.Pattern, pattern.PatternStr),
                    SelectChildRecursive => (Step.Recursive, ""),
                    _ => (Step.Parent, ""),
                };
                writer.Write((byte)step);
                PayloadSupport.WriteText(writer, text);
            }
        });
    }

    public override object FromBinary(byte[] bytes, Type type)
    {
        var reader = new FrameReader(bytes);
        var message = PayloadSupport.Read(system, ref reader);
        var fanOut = reader.Byte() != 0;
        var count = reader.UInt16();
        if (count > MostElements || count * 3 > reader.Left) throw new System.Runtime.Serialization.SerializationException("The selection is cut short or too long.");
        var elements = new SelectionPathElement[count];
        for (var i = 0; i < count; i++)
        {
            var step = (Step)reader.Byte();
            var text = reader.ShortText();
            elements[i] = step switch
            {
                Step.Parent => new SelectParent(),
                Step.Name => new SelectChildName(text),
                Step.Pattern => new SelectChildPattern(text),
                Step.Recursive => new SelectChildRecursive(),
                _ => throw new System.Runtime.Serialization.SerializationException($"There is no step [{step}] in selections."),
            };
        }

        PayloadSupport.Check(reader);
        return message is null
            ? throw new System.Runtime.Serialization.SerializationException("A selection without a message.")
            : new ActorSelectionMessage(message, elements, fanOut);
    }
}
