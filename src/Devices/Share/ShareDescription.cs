// How a shared folder describes itself on the bus: one queue, and the tag by which the Guest mounts it (virtio 1.2, section 5.13).

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Lguest.Devices.Net;
using Lguest.Devices.Virtio;

namespace Lguest.Devices.Share;

/// <summary>The descriptor of a virtio 9P transport.</summary>
internal static class ShareDescription
{
    public const uint MountTag = 1 << 0; // VIRTIO_9P_F_MOUNT_TAG

    /// <summary>Config space u16 length, tag. A request has as many buffers as its data has pages, so that indirect tables are
    /// offered: else one long request would fill the ring.</summary>
    public static DeviceDescription Of(string tag)
    {
        byte[] config = new byte[sizeof(ushort) + Encoding.UTF8.GetByteCount(tag)];
        Encoding.UTF8.GetBytes(tag, config.AsSpan(sizeof(ushort)));
        BinaryPrimitives.WriteUInt16LittleEndian(config, (ushort)(config.Length - sizeof(ushort)));
        return new DeviceDescription(DeviceType.Share, Queues: 1, MountTag | NetDescription.Indirect, ImmutableArray.Create(config), []);
    }
}
