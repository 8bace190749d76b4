// One kernel's worth of bytes, packed by the tools that kernel builds use (xz 5.4, bzip2 1.0.8, gzip 1.12, zstd 1.5, lz4 1.9, lzop 1.04).
// The bytes are made again here, so that each packed form can be compared with what went into it: calls and jumps for the filter of x86
// code, and repeated bytes near and far for every form that a copy has.

using System.Buffers.Binary;

namespace Lguest.Launcher.Tests.Images;

internal static class PackedFiles
{
    private static readonly uint[] _targets = [0x40, 0x1000, 0x23456];

    private static readonly byte[] _alike = [0xe8, 0xe9, 0, 0xff, 1, 0xe8, 0, 0xff];

    private static readonly int[] _gaps = [0, 100, 0x700, 0x900, 0x4100, 0x9000, 0x41000];

    public static IEnumerable<string> Names => _packed.Keys;

    public static TheoryData<string> Kinds => [.. _packed.Keys];

    /// <summary>What is packed.</summary>
    public static byte[] Content { get; } = Make();

    /// <summary>The packed form as the tool wrote it.</summary>
    public static byte[] Stream(string kind) => Convert.FromBase64String(_packed[kind]);

    /// <summary>The packed form as it stands in a bzImage: with the length behind it, which gzip has already.</summary>
    public static byte[] Payload(string kind)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)Content.Length);
        return kind == "gzip" ? Stream(kind) : [.. Stream(kind), .. length];
    }

    private static byte[] Make()
    {
        var (bytes, random) = (new List<byte>(Files.Linux("6.1.176", lguest: false)), 7u);
        for (int i = 0; i < 60; i++)
        {
            byte dice = Next();
            bytes.AddRange(Enumerable.Repeat((byte)0x90, dice & 3));
            uint distance = _targets[dice % 3] - (uint)(bytes.Count + 5);
            bytes.AddRange([(byte)((dice & 8) != 0 ? 0xe8 : 0xe9), .. BitConverter.GetBytes(distance)]);
            if ((dice & 16) != 0)
                bytes.AddRange([0xe8, dice, (byte)((dice & 32) != 0 ? 0xff : 0), 0xe9]);
        }

        // Bytes that may be anything, as far as the filter can see.
        bytes.AddRange(Enumerable.Range(0, 800).Select(_ => _alike[Next() & 7]));
        byte[] noise = [.. Enumerable.Range(0, 200).Select(_ => Next())];
        foreach (int gap in _gaps)
            bytes.AddRange([.. new byte[gap], .. noise[..(50 + (gap % 150))]]);
        return [.. bytes];

        byte Next() => (byte)((random = (random * 1664525) + 1013904223) >> 24);
    }

    private static readonly Dictionary<string, string> _packed = new()
    {
        ["xz"] =
            "/Td6WFoAAAFpIt42AgEEACEBGgAByYCz5PrsBIRdADGbyLBTPaZE7hpAteOI7mrG5gjMjtSkgauiVMALxX0f0f19lq3A7onVFLEOzoNohYW0J48TBo0npPxEoFLl"
            + "/kfiHAeAVuARlgqIb42l1bn3mykBSWsHiFTxuXCbknwnvWeTDVCe8NKNkHWXnMFHDgRHvgEf5fLNIHXOUHUy1amRH6mDgWdnIXF1RSqz8P+Vt/AomGuf0PfCaMBo"
            + "ij8C/quEGvgK3TCIaCXNov/YayfjECFlB3FWm7cBytIy0wuwENe8imAHkeG5c4A6ysC27Xr+qiRrHcTy5+tysWpPRGUbZnP8WqVez0aD1Ln/p6vvDMnYXQzKLGLx"
            + "47fCxg6h396XNqFeuiC4oQpXSsNnLddS2fM8A1fmyswnbBDCQfoR2WORuKaDPZuqPmkJjNkOCtilFa0sxj+nuKxrevoxT8S1LRbOdywhGESosew44GhTVmsORsMK"
            + "dkL/IP3hFHhWOGIsb7tk4QvCyymlH41UEQlOd5JJ9+DHagTLYPRoDpe3rYeQMUF7s0bmTWTEb0ajFkJIsIWZ+OdCZci7pDDqgJiHO+fCVIcCBB0ZAtQzITBpn6/D"
            + "NpEqpcMuqzeypHveSlxZQIVuqdDY2OKDglum4+3yScNq7L5trzblW76ALDbcEc+UX6UIqFkmVtFlLNMYQLmX1HgVe0UqxaAWNuAj5wBPO7a2qlYmWoVSiNHrBR39"
            + "QBluDXRa/lRSws4hOidE1ulSu//fiLf8I+ifFFFIn/zgHSeUEt8cEZtoONYUaZ/IWhTyVtf4pWFCuC+woUbqBrJ2ZOofa0g5kULWt5QPiG/R9nqhJaI0qMv5fVSO"
            + "c84cR0n5WuS9QmZzbloNtEcivCO8F+xMXljOM5T6C7gxMG9wHlSpc8UmnecHh7r1uCZsTNix/3whd/hEj0/gY7gwpkt1uejb/wK7ZGOYX/9//QoEGQwxeuxfCgr2"
            + "7pDpncvtMW7zkPLXeHLkHVV5TUqun/90zu+2lyBMm5UR9FR23dIME4HYJ+ii7FHFUuQWLBMwb+I50A8ImRTC1P6l0MKrLQixn7AdciIhYaPCE2Xtrc+ZX7YgAeuf"
            + "0as/g2kf8Zqmj2pwJCbs9m9t70Mcv4Jy0X3000WSolsCOHoSopI1kmftJH6oKZ2SziLu0645op7goJizPLvp6KVtJ1Yz39oOO537HXfHY2kbugB9pjDXjt6BbV89"
            + "g7aiumPc4MYXzcjETZeq/Wep/Q/XhYL6t5Fn8yOPGxdrK5na8fMUXrN8lVHBvCjPCqlzMU51lHhVZ19WZBOQPzkxwl4I98EIgCR0VVKwfgtsElNVuNmyXly0oHhD"
            + "SAmQj1nudbO7mdGk2cfcR72ok/3Hj4lWGrnmazzm1TkOfexbwlm14owunBkZBbsGnNebKWZYZ49mgx5UCyWriJTvgKtNLsRHrBLZYTTxICansKYBUUwa6JsAqEu0"
            + "KVNCbbE5otEx00FBruxb+LaU9BwajP98oXNLRMJV7+DKov2s4y90qvF3/b6ufDEan7eNMW5wnqZkOUFEWwNoQ4/Zp1GfyC4A97gcGAABnAnt9RMA2AkUUj4wDYsC"
            + "AAAAAAFZWg==",
        ["xz-plain"] =
            "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj5PrsBEVdADGbyLBTPaZE7hpAteOI7mrG5gjMjtSkgauiVMALxX0f0f19lq3A7onVFLEOzoNohYW0J48TBo0npPxEoFLl"
            + "/kfJir9KhOjhTw7ETZnxdWfKXG7V7O/iCLema+jY7Wl3eH5CdQJZkmJnOWdVgvARNXT/MB0pkbZ3tfgp3Xh8kYcLh/Ynqo2zIFUZyL7Po1C6zFKghBQURjH8x7ra"
            + "/W9eTgYA8dZ90X1LiRuUBYnK7ETI5Uk0ClZDcEgCO9v5/VdLE7mRuFS0Xbh3PsFjSiR8Fb+pxnkDKN1doWwWgUZxdHFps879+sRV1b7RA9hwedNlduwzxRoDYT94"
            + "qdOL50JTT6C0YpQE5/GHn09oF8xK7iiNYlJXbSoS8L0jeXJQ2/ybaD+qhKPe4l2QivSWweQVoBfnq9gQ8+a+tH4DWDI4YWY0m3l0O9KimrfBkqAgEy6DSc96qUf5"
            + "YK65YkK1O5regqKPkPEBDhhJWilcN8lK9mdyN3pRi2AFwuUApmGjZw1VRWS8SMHHgH4mpXIuI3q2ESbjflRmZpAYMIWhP94B4dX4sv85HNMjDgxaQyMM1sI00Pq5"
            + "NyEu6H9GNhiTfyHtnXN+2fRCj0fyPEsmbki5tgp+YqlYMorCJzBjcL9qKZw1AuNKPTCjNN77/iluRZPFnDMnQHj7D8U4N/U5fpXJQ/txCFQQ3buomMOHr7ErYA85"
            + "0BGzGgtwceeDJWK6SyRJ6MJ0vDrElI9c/8VjTmRFiljT4InKD9CGushqUopcxHZWCnN+bUwpzGLIOz1lXVlOGlDHRM+ppXb+vsnXkmcXlvgngEiw+/qexs9UeO35"
            + "xiZYMTJAOor7bixin3ss98nfFplAlFgCXo7o90Ejo3OFBifk/xJAAPKuM8CjK3I8sRN7qwQnQp+W/oQiewLIlgWzUGiP1Hp9t+5r1lmSxqo3+ZlAEoddFA6Jk2d6"
            + "yr1L7HnvF5sjw2OmfchAmnxKmFZi+ubreDoS/GZuCFrmwoJ/n8jR1MPIqmjs7X9okB5f3hNQzbP3prtIR4JbUa3GDW7po5Y3ntoUhS+t0kXWxhZ17yVaHqY86i75"
            + "87Kr7t+FyHRNpBi/1iXH1GkLIST56X5ZwY1d47YijFdZpGLb32DN01mN9aJ1MfEam4ygHT53xKFEiqcQQj2Kg+0KFwkcaRtdkyD3SfnD3jnlmcytP/fIHjttiKFD"
            + "mjey5s1ncKPMkN5CXVQyFdYGxlLu7rJ7sraE5y8zEIdyXqXgNTSsHZfP2XhPQP6QTkrv7QPEytaHQJGgsoThpP+avqQ4xVfbg/aE/wzdhPvDmhsDbMMbjTfbvuhR"
            + "+hdcUfqKSHqPDwaABnG4mlMgZpnl1EgUatSJmxRKSgPwaRNONM+YCLTyxurOG0EGfY9f9yl1kUEOV7YuKwIcSTil6KMJKuyq/1omrHIMFpKnvjmPJOFZjKLjJJsm"
            + "F/j1+lv5BkgAAAAAYNiXmFUr22AAAeEI7fUTAHc+yNixxGf7AgAAAAAEWVo=",
        ["lzma"] =
            "XQAAAAT//////////wAxm8iwUz2mRO4aQLXjiO5qxuYIzI7UpIGrolTAC8V9H9H9fZatwO6J1RSxDs6DaIWFtCePEwaNJ6T8RKBS5f5HyYq/SoTo4U8OxE2Z8XVn"
            + "ylxu1ezv4gi3pmvo2O1pd3h+QnUCWZJiZzlnVYLwETV0/zAdKZG2d7X4Kd14fJGHC4f2J6qNsyBVGci+z6NQusxSoIQUFEYx/Me62v1vXk4GAPHWfdF9S4kblAWJ"
            + "yuxEyOVJNApWQ3BIAjvb+f1XSxO5kbhUtF24dz7BY0okfBW/qcZ5AyjdXaFsFoFGcXRxabPO/frEVdW+0QPYcHnTZXbsM8UaA2E/eKnTi+dCU0+gtGKUBOfxh59P"
            + "aBfMSu4ojWJSV20qEvC9I3lyUNv8m2g/qoSj3uJdkIr0lsHkFaAX56vYEPPmvrR+A1gyOGFmNJt5dDvSopq3wZKgIBMug0nPeqlH+WCuuWJCtTua3oKij5DxAQ4Y"
            + "SVopXDfJSvZncjd6UYtgBcLlAKZho2cNVUVkvEjBx4B+JqVyLiN6thEm435UZmaQGDCFoT/eAeHV+LL/ORzTIw4MWkMjDNbCNND6uTchLuh/RjYYk38h7Z1zftn0"
            + "Qo9H8jxLJm5IubYKfmKpWDKKwicwY3C/aimcNQLjSj0wozTe+/4pbkWTxZwzJ0B4+w/FODf1OX6VyUP7cQhUEN27qJjDh6+xK2APOdARsxoLcHHngyViukskSejC"
            + "dLw6xJSPXP/FY05kRYpY0+CJyg/QhrrIalKKXMR2Vgpzfm1MKcxiyDs9ZV1ZThpQx0TPqaV2/r7J15JnF5b4J4BIsPv6nsbPVHjt+cYmWDEyQDqK+24sYp97LPfJ"
            + "3xaZQJRYAl6O6PdBI6NzhQYn5P8SQADyrjPAoytyPLETe6sEJ0Kflv6EInsCyJYFs1Boj9R6fbfua9ZZksaqN/mZQBKHXRQOiZNnesq9S+x57xebI8Njpn3IQJp8"
            + "SphWYvrm63g6Evxmbgha5sKCf5/I0dTDyKpo7O1/aJAeX94TUM2z96a7SEeCW1Gtxg1u6aOWN57aFIUvrdJF1sYWde8lWh6mPOou+fOyq+7fhch0TaQYv9Ylx9Rp"
            + "CyEk+el+WcGNXeO2IoxXWaRi299gzdNZjfWidTHxGpuMoB0+d8ShRIqnEEI9ioPtChcJHGkbXZMg90n5w9455ZnMrT/3yB47bYihQ5o3subNZ3CjzJDeQl1UMhXW"
            + "BsZS7u6ye7K2hOcvMxCHcl6l4DU0rB2Xz9l4T0D+kE5K7+0DxMrWh0CRoLKE4aT/mr6kOMVX24P2hP8M3YT7w5obA2zDG403277oUfoXXFH6ikh6jw8GgAZxuJpT"
            + "IGaZ5dRIFGrUiZsUSkoD8GkTTjTPmAi08sbqzhtBBn2PX/cpdZFBDle2LisCHEk4peijCSrsqv9aJqxyDBaSp745jyThWYyi4ySbJhf49fpci8iQDP+HzwMI",
        ["bzip2"] =
            "QlpoOTFBWSZTWTsL6o4AC+Z///vf/6r1e//+5r/p///z3+//PXG91RXd9/0ddnvi9RTv0AUe4A2Uo0IBQCNVNQ0AA0aANA0AAAAAAAAAAAAANAABoAAYgADQaAaA"
            + "EDRkNMgDJk0DRiGhpkxMhkaDRo0yANDJkYQxBkaMJkAADRgmTQAAAGgAGnoUpKm0MpiehNNDQ0wTTBAZMgMQyGTQyYjATQDIDQYCMgyYgMI0YmgBgmTQ9NPUQNGQ"
            + "0yAMmTQNGIaGmTEyGRoNGjTIA0MmRhDEGRowmQAANGCZNAAAAaAARSSQxQDRo9UYACNMAmmBMTTCYmI0yDGk9BMJiPQjBMNJtBDTCMIZoNT1NP1A1GTxIaepv5P9"
            + "DJQq2kAYmEETawKodSFABaE8nws228WLMzEvNkg2kt3u+DBA7sagKtm5u0bEbUpaVZizMxK1ptttSxN2SAA9ysGWtQ0BglBcb0jxb6ABhmzYtkcxbQ7HrQhAIEJC"
            + "RoARodQ7qRvSKjS1Qmm6K2Wp1ziOg4jifWf2/D8Tt/wdDvncdzx/4+A/z/r1HBVckeV8zSnCLhSMmLFmZiQBBARrailatGKYhNNTIpahp1RhcCiaMjUo1LKOozJb"
            + "W8bcTdsGohRxihXYCJU1bWnWnWGEi9z7xe9AEIQCF74UzklnSZm42txtoGGYoBiqCgiCyDCChzD+8TyeEe4ZH4Uhx8OR8pWY/DVtdEwsswQMngVqXlJvqSDsLDsU"
            + "1Kyq4OavcH4uFnjR9Jf+H3Whwl5j2Qx1DS/+OZXSNXWLeq7yjtF3g/MNcuz9pIrbLn2vl61z1auAQ4DPNBkJ3q+Q1CaMZgUAQPdwc79xNnQEwLoAQAP5BWBXZNGr"
            + "gyI5CWVHzPxpl1rw2S3A79Ltd31x1qb9J1glLPDdB2o6ZfwG9z9mNsNSN4Tcp4FsVn8xYPrSkphZhBKAhAOkX2C0CBvaSa+yfRmqo+C3iREbNE3oldIZxkIYJXFX"
            + "nbrXWWDWsyDem0WK2r7E8m9XiDZho2a/xP4mIopd6qDLJf+y33A3Sw29+GSUMnD7awU3HjlgtQ3Y1FVoUt1uriBuF1iVPTv3g973K3gNmuG99o2LNYzSgiElKUEE"
            + "EFIZNhiTMQbzFGGRtYAjfzMa00zMrF5eNsPdSlbJTZWKQZFI4q2bKyHdDLcpG2SvH7XWBOpraLfM0vbWks3ND+FuFoYQIMctykuun6j/Y/4Fe+Idg1RXriklTTpN"
            + "gO4XxjWcdbVJfiu9Cj8IQNyNALUe4k5xKQeRYow7obdJUFtkzg1O9agPYwkOVqJG43XjG8ExCrDLCyKtQEFjUQKslsqHwqVikY2mkCJHjjSI2wbE4RQwM5nFGiFk"
            + "NTYqtA6pEIbrBOxsdsHKWtquykrBAKFakbEXSsQZNPQNg6xtkIMLVYW2OyNtUeOtsjwhFYyyRqwbllT0lv+IxNa2IEgBAAIEBMFopZjTBs2RttTHW4QClUIY81Ll"
            + "DTQpoKidKJTpE6RKOOlQW7zx8azU0oasZp6IqhnFjW7Wa+FnBej4vw1m9xbzx/p+p8He8bvP+7rhjgX6rdyuoGNEVIrZU1USNxpjTypuhJjauKqKSqz8mXOGzNl1"
            + "s1XAyIHVAUzEQakbTgTHUY03arA3vtvufn3nRehrgN8zcb9/Xb5+a1upulRbmvTrQ1pRVWOhbBAuci1ru80IDKtiYpsbTuyvUF6G36Ov/eDzu3uNHpC7kinChIHY"
            + "X1Rw",
        ["gzip"] =
            "H4sIAAAAAAACA+3cXWxX5RkA8HNK4owyxhBdlsbQLsYwCFhYEUTNICkxaJUtJlXWKTCsWpMBAZldHJZPEz+y/PECMmgoMcSLxTDDzJDGTzReOEKkwcSxTOyF2TnG"
            + "eNGQjAXp2fucPya73cW+wu9X8v+f857nfZ73fd6TtFesXf9QX1t3/7rNA22/6Nu4qX/9urab586bO2/hzW0zN63/ed/6dX1L4vuJR/s29n0/+9majX1tj67Z+NAT"
            + "6SLbuP6hNY+vaRRHv5Vlxe1V2SgmdbZkRVFVVTGUpdtP4upP6aPRaBSn4ubPWVl88oMU9NN4/lSa2ChPxv23030KOh7XFyLVixH+96osVkZQo1H+OKpsSgMHUkwK"
            + "XRr3++pp5YJLMXOa38WTEVLMiIhfpmSN4rHIeyYVX/N18TT4wyjxZFVnWB7j32mO3x7Xb6Xx8vqI+Kg5empKytYby/7GpR1d+/Vi0/Xv4+mMrCyzGHy8Ksu/zW9e"
            + "xNOPJlKe1pg7FqPXNzO+FaPD6br8YxptlL+L+2ubz45F3P6Y8Zs0Wv42AtIyu6PM3ggptkX0T1LFX0foj5qN2F7HlU/G0B+atb8bU6ZPaTZmctycTZMmxUB58ZvN"
            + "4QWRK5UpvkgDxa+i/9+Lsn+59Pyj+rucEmF76uqT4vKpNGNqc2XF+MXUlOKL9Fn+NT6yoiqylDQvUlCVpesq3ox0UWZ5/KTneZZu4iuqp8JZukgjRVnlEZme1C9T"
            + "lsbTa5X+lUV6mpcRlq4jfZXlEVmmn6LMI1PcR81mslQ/TY90eR4lyryMhBFRRb54mmampEnRDMzKemYaT4uJ1VZRP81Kp5tmpGWVsaaijijSlDQ1j0wRF4ur6v1U"
            + "eSw/9hPZUhOiXFp0GeVTkTpDGo3replVvcfoWApK8TEYN0XUjMrl153I0zbyvM6Y1xuMyVUsPy0xlpk32x9rj340F1VEj9JNWTc/1cpiRlE3uqqrlfX2U5PSCtI6"
            + "q7oJMa0u0lxWBNTP82btONLU2yhXH0NsLq8PvIi3ILYczcxj981M0cnof93W+jxjx3GY0Z2yDqrqdcXbkqJTnrK5zdhx9K3ezj9F5FUezY0WpbZn9c7r86vi9bqU"
            + "tm58LCPmRlRRdyw+8rw5GM9TqirWfGkHaW7aacyK1Hn9IqeYaGoccJYXzT3GWUa21Jy693ldL5rTfF+jK0V99KlA+cy6rvd3XHH4vpbqcP/Lu9tbe0/smrF/2f2r"
            + "njty3fjYwrePzOm/oePoipUnt5yZvfimlx48dEv2n/Cvryq/d/6GFYNLHnhjd/fA0s7JLeOjd3ds6zvfvvi9keU7P+jpmDox6bO5Qz3DX80aumf1hZG2q247vezs"
            + "wNpN+449Pbb9wPDpzdP3nnttT09567Q7pvV8PHFna1f3Ncc/X/3Cp413FvXO67zyrhPFaAYAl6H/zd/KXaODH46senXrhoOnXpnZMru6un35w5t3NAZv3P/Y8xcP"
            + "PrLnzQXvTn72y6WvT5nlBAEAf7/9e/5+02kAAAAAAAAAAAAAAAAAAADgv+3/+//Jcn4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFwOnlnX9f6O"
            + "Kw7f11Id7n95d3tr74ldM/Yvu3/Vc0euGx9b+PaROf03dBxdsfLkljOzF9/00oOHbsnye+dvWDG45IE3dncPLO2c3DI+enfHtr7z7YvfG1m+84OejqkTkz6bO9Qz"
            + "/NWsoXtWXxhpu+q208vODqzdtO/Y02PbDwyf3jx977nX9vSUt067Y1rPxxN3tnZ1X3P889UvfNp4Z1HvvM4r7zpRjHaNDn44surVrRsOnnplZotTAgAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAy88z67re33HF4ftaqsP9L+9ub+09sWvG/mX3r3ru"
            + "yHXjYwvfPjKn/4aOoytWntxyZvbim1568NAtWX7v/A0rBpc88Mbu7oGlnZNbxkfv7tjWd7598Xsjy3d+0NMxdWLSZ3OHeoa/mjV0z+oLI21X3XZ62dmBtZv2HXt6"
            + "bPuB4dObp+8999qenvLWaXdM6/l44s7Wru5rjn+++oVPG+8s6p3XeeVdJ4rRrtHBD0dWvbp1w8FTr8xsmV1d3b784c07GoM37n/s+YsHH9nz5oJ3Jz/75dLX/wH3"
            + "uBwY7foEAA==",
        ["zstd"] =
            "KLUv/QSIlB8A5qyTKpC2dLhFJMAvOiCfsWFIEJEWIjV/PZgmKDO+WQfgCUTNBYDLjwABEp4lU5UAcgBnAI3eFaUUs5wkrf8Zq//bYhBiwIu8OyHTm7PiG18kbD57"
            + "wWz9+1PKc5eFe/nHyTedzN2Vz7/vkH9+1YOF/Ga4/DfMqETUv0Ez/X1fT9G285yzewOYBPj7+cW7FQz93WJtm7pWvdVktYXScq22S83BteJCbcVwqbrcqe7VhhYl"
            + "ZQRkBARFS9WNurLiamm5sqiicrTcpi5T3v253f0zzv3d7tjbc/v3f3fnxv397bnzt+dv3N3e+P3x92Pv93dv987dnXF+7+/27v5ujPuze+7suD17n36qvznLrvpC"
            + "WIDHJTxnKIZ/eaqfdCPIfsDowcOE50KvL/vucftvIjKXy+n7uTpECMB/Kx8vF29+UX8ZIOhPwGxyhkrt23M/bm/vbseevXO3e3u/d86OP/d3e8b43d27vzt3vz/O"
            + "2Lv72//d+7F3zt+d+x13/m7vz57ds+Pc/rk/5/f8nbG3t/e758b93427HT/u7n73x93t3d/YAx0JijKqaweRJ4xxT3mybVJ1GmKvWZaTzYVB9gDYCMzMqxojTErE"
            + "FNOcaU23xCEwGSlSeXxJ4ZRQIR1yZihuZjuBGmoaWh4o7pBV7iFrE++urDQNke6KiWuUZtOlQJsIq7Rj1xGLB2QHYhowuyACRHlmkyjJcuHKJRPR0VwFODCR4cp5"
            + "WzyKEeOpIvnBvbKHxBfC4vEJdjnEYyiSEfUh6JhSuhohyJYkRFNngWZZRBGA7aghMUdTIwqKkhQlHTCGKHY2hSwHMkKPWVT+/0cZLahlDLQFaClJQPtdJTQUDEl0"
            + "JQnVVKuE71YWQfucudbKyoEbzlb2cE7TtJd+kjltt+RXhTtjhcQEmCSb+nVGe1XnHfHrcMzjFx4eczisikYHjZj4hceT9H/RIqqFIPwtI1yvhQor9ZD4VXe7eHS+"
            + "5HiBEv0gM60P5Af1ZnAg8bDGxVZ9Ven9yibur3lQpC0f7C5sGyMur25dF2fKM+Z3ojudxbj7Y0uvsUJ0lOXZz2tQcZnWP9aSp6rjoGmE1IkgBlwgC3jW6luzsthA"
            + "ABrnT9TkjB3CYHx3w5uUvS89SN5WqgGSe5Pxa/TGtB+TGNwgLfBpjiCygFGjIWCcCTgAWsYUADE47/zr5bjNlCysfUA6mefpov4nozPS4eIHW2g2f+z4K9YDV4oS"
            + "jaqpfvJLpXbL56fNMnAQhE/qi0uonFENrVB/INjbqp99eBQpyspKl//aRCkhAMfGyxfYaGHRB9b28Jx3AGkm/SNAWk72daQ8RG4GSkgBdNkV3WLTDBMnChUCABAA"
            + "bQAAAAIAu7JQEAUseh0AAbz3DS4=",
        ["lz4"] =
            "AiFMGOwKAADwFWNvZGUgTGludXggdmVyc2lvbiA2LjEuMTc2IChzb21lb25lQAgA8Ch3aGVyZSkAYmFyZSBoYXJkd2FyZQByb2RhdGGQ6LcPAADoPf/pkOgDNAIA"
            + "6Oj////onADpkOjeCgCQ2f///5CQkOjRDQCg2wDp6N4zAgDoXCAAcH4PAACQ6c4QADARAOklABDCDAAQ+0sAEKIvAFD5/+noWSUAQJCQ6VFmAMBz/+nonjMCAJCQ"
            + "6EEQABGaNwAj6TUkABItCAAg6HsjACDoHyIAcHn/6ZCQ6GpYAFTaAOnoYX0AQJCQ6D9jACF7/0IAEEkYABIXGAAQPQwAYL//6ZDpHSIAEtUWAGDRDgAA6Fu3ABMH"
            + "0gAUFa0AQJCQ6LMeAFAfAOnpABUAYnT/6en3MgkAAB4AYNX+///oGzwAEOEWABIdUgAQvxYAwJ8A6ZDpyzICAJDprxAAEhUcABC5KAAQmzIAgZn+///pqjIC4QAQ"
            + "TGcAEJcjACDogS4AUFoA6emOKwASUAkBEYIoACDpexMAErZ8ABAZMwAiFA4ZARAMDQBQ3wDp6QMRADLp/Q0XABA1TACg///p6OwNAADofIABECJ3ABPdIAAR1QgA"
            + "IOkOJwARln4AEAMLAFJ+/+noEJoA0Ojy/f//kOjs/f//6ecFAPAEAOj/6AD/6P8B6P/p6P8A6AD//xoCYADoAOkAAQIAgOj/6AEAAOkABwAAfgDgAADoAAD//wDp"
            + "AOjp/wEqADH/6AFNAvACAAAA/wDo6ADo6Ono6QDoAeknACHo6V8AMP8AASoAcOn/6f/o6QFKAAAQAAB0AAJNAGD/AegAAABPACABAWMAMOkB6VEAACIAEP9QAAAe"
            + "AKL/6OnoAenp6enoKQAhAOk6ACAA/6wAAK4AEP+AACD/AN4BIOnolwAQ6ZQAEegiAIDoAf//6enpAUoAACgAAJ0AEf/QACD/Ab8AANAAAE4AIOnoZwBQ6OgA/+l/"
            + "ADEBAOlCACHo/wwAAacAEf/kAAAyAWAA/+np6P8VAAANABDodAAAegAU6QoBYQHpAekBAVIAEQHhAAA9ABD/vwAh6emnABIBfwEAvAAAEAEClQAQ6CQBQQDo6el9"
            + "ASDoAAIAMQH/6GkBEf9uABHp/wBQ6OkB/wDDARH/BQEANwABZQAClwAAIQABIAASAXwAANMBMAEB/28AAYcBAN0AEQHxARDoBgIA8wAATQE0AejpSgAASgEAgAEB"
            + "VwEB0AEh6P8DAgBEACHp6SUAEf+YAAAuAiD/ADMBEunnAACrAQA4AQHPAAciADAB/wFdAQAjAUH/AQEA+gABwAEQ/18CA1cAAXkBAIcAADwAACYAEegyAQAFACIB"
            + "ARUAACAAQP8B6f+0AAPCAFAA/+kB6F4AAdIBEQHJAiDp/yYBEADhATIAAejkAADMAQBOACHoAYsBAAwAEgBjAQKwAgAWARHo+wH/J/8B6emJbkTGgwauVwL/rmms"
            + "kSEbW8yFH5tFWF+Lshby4TfAsi1pJDC3T1nOfdorOi+mXqQ5AAEAUQ+WAB//VgFTMnBPf0BdvZFMeEE0DALy0k0wgWX4ITrEukmEylYwEP4D5S6cVp/8KpxOYPu6"
            + "IAo81EXfeGNzmrmG4YKen9R1FJf0uJZW6TsSRxJW2P5KG0RME8LqYJLgkME4WzE0CEvM6NIAAQD////////yD5YHg/8cRNJ/0LpftIBwoNGwKAIr/wshSWZ1g5B/"
            + "JptqjP2gZ5a+NcMMiu5BvA4qAAEA///////////0D8AJVR8AAQD/////////////////////////////////////////////////////////////////////////"
            + "/////////////y0PKEurHwABAP//////////////////////////////////////////////////////////////////////////////////////////////////"
            + "/////////////////////////////////////////////////////////////////////////////////////////////3wPvpCRHwABAP//////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////"
            + "/////////wDwr4luRMaDBq5XAv+uaayRIRtbzIUfm0VYX4uyFvLhN8CyLWkkMLdPWc592is6L6ZepDkAAVMycE9/QF29kUx4QTQMAvLSTTCBZfghOsS6SYTKVjAQ"
            + "/gPlLpxWn/wqnE5g+7ogCjzURd94Y3OauYbhgp6f1HUUl/S4llbpOxJHElbY/kobREwTwupgkuCQwThbMTQIS8zo0kTSf9C6X7SAcKDRsCgCK/8LIUlmdYOQfyab"
            + "aoz9oGeWvjXDDIruQbw=",
        ["lzop"] =
            "iUxaTwANChoKEEAgoAlAAwkDAAANAAAAAGsMC+YAAAAAACmeAt4ABAAAAAAJpOQOomk1Y29kZSBMaW51eCB2ZXJzaW9uIDYuMS4xNzYgKHNvbWVvbmVAfAAOd2hl"
            + "cmUpAGJhcmUgaGFyZHdCAQByAA8ACWF0YZDotw8AAOg9/+mQ6AM0AgDo6P///+icAFkB3mUB2VEAkAIA6NFxAdsLBejeM1EEXH0DfkMHkOnOfQERXAFRBMJtAftp"
            + "CaJ5BfkGAuhZcQSQCQlRdQxzQQKeTARJBUF9AZqaBuk1zQQtvgDoe2oE6B9lBHlTCZDoan0K2lEPYfAPUQI/agx7/4UISX0CF70CPW0Bv14C6R1lBNW2AtEOVQlb"
            + "eRYHxRoV8BVNAbN1Ax8GB+kAcQJ0AwXp9zKgAXYD1f5dCBttB+F1Ah2lCr91Ap9OAenLVwKQ6a99ARWtA7l9BJtlBplWAumqYARZFEx5DJdqBOiBdQVaRQ6OaQVQ"
            + "oSGCngTpe2kCtq0PGWoGFA6hIwxxAd9RBgNjAun9DbkCNWwJWgzo7EIC6Hx9LyJ5Dt3dA9WeAOkOeQSWlQ8DaQF+RQYQpxPo8v1SIujsVgDp53EAAA4T6ABSCgHo"
            + "UgT/AE0B/2RDQwHpAAFkAF4DAQBQAXgAdA9BDwBAAUYC6OkEDWQFRAORSQBcAlhKSgDp6FYDAel4BEwBewv/AAFlBelHAOjpAWQJfAFsDrAJXA9YB3oJAQFrDOkB"
            + "6WAKZQT/fAl0A0QHUApBAOiiBQDphAdcAlARdRX/fA9UBlQ7RAZZEultEuiFBOhIBkkHAWQJfARxE/+eGf8BeBd8GXQJUCB4DVEW6XgPUAyECFQCbAGZFP+MHGQm"
            + "UARcBXACcQHobA5lD+nlIQFaGAEBhQoBgBxxB/94F0gUeRQBuC9sF3whsRLobCRRAemQL00NAGUG6IEt/5UN6ZgfUCREEF0U/5AgeAaQDLgSYASdAwGsD2g6TCt4"
            + "DZgwcRsBgT7odEBoHnEpAXQfpAlkKXwvmCqcOWQecDl1I+mRBP+cEnRFVAVdCOm4HGQefCaYGSmHAAH/AXAraCRZLgCEH503/3hL2AqAL3gQbAd1BOiEJnIAAQGw"
            + "AnwDSQn/bBbEGEwHRB10BmkLAYBZTARwKmM8AAHorBxsOXQJUCONLwGcDXAjvFV1IuiIP0AMACHpiW5ExoMGrlcC/65prJEhG1vMhR+bRVhfi7IW8uE3wLItaSQw"
            + "t09Zzn3aKzovpl6kOQAgQwAAIBFUAgBTAVMycE9/QF29kUx4QTQMAvLSTTCBZfghOsS6SYTKVjAQ/gPlLpxWn/wqnE5g+7ogCjzURd94Y3OauYbhgp6f1HUUl/S4"
            + "llbpOxJHElbY/kobREwTwupgkuCQwThbMTQIS8zo0gAgAAAAAAAA5AAAIHVUHgAZRNJ/0LpftIBwoNGwKAIr/wshSWZ1g5B/JptqjP2gZ5a+NcMMiu5BvA4qACAA"
            + "AAAAAAAA5gAAIABH/CYgAAAAAAAAAOacISAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAA"
            + "AAAAAAAA5gAAIN8AABC1oCwgAAAAAAAAAOb0IiAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYA"
            + "ACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAA"
            + "AAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAYm/hCIAAAAAAAAADmjCIgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAA"
            + "AAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYA"
            + "ACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAA"
            + "AAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADm"
            + "AAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAA"
            + "AAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA"
            + "5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAA"
            + "AAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAA"
            + "AOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAg"
            + "AAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAA"
            + "AADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAA"
            + "IAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAA"
            + "ALUAABEAAAAA+u0AAAIgLNVZLxIAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAA"
            + "AADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAA"
            + "IAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAA"
            + "AAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAAAAAAAOYAACAAAAAAAAAA5gAAIAAAAAAAAADmAAAgAAAPAAAArIlu"
            + "RMaDBq5XAv+uaayRIRtbzIUfm0VYX4uyFvLhN8CyLWkkMLdPWc592is6L6ZepDkAAVMycE9/QF29kUx4QTQMAvLSTTCBZfghOsS6SYTKVjAQ/gPlLpxWn/wqnE5g"
            + "+7ogCjzURd94Y3OauYbhgp6f1HUUl/S4llbpOxJHElbY/kobREwTwupgkuCQwThbMTQIS8zo0kTSf9C6X7SAcKDRsCgCK/8LIUlmdYOQfyabaoz9oGeWvjXDDIru"
            + "QbwRAAAAAAAA",
    };
}
