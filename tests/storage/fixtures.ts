/**
 * Files that earlier versions of the program have written, each as a gzip stream in base64, in pieces.
 *
 * @module
 */

const clusterFile1 = [
  "H4sIAAAAAAACA+3az0vjQBQH8JdUEQXpehDFXoY5KYSlSWpNowdbCVLM1t1aBSk9JDGVYkxqOmpFPNT/wYN3b/qX+G94909wN9Gu",
  "IujNi/D9MD8e7zHzzgOz9cfuCJ+1o/jQEUynHyTLtMoYEY0kM0Nv5GHuP4mkv09psOP01+hjI/Tz6n4yPZxdouxtsgAAAAAAAAB8",
  "H7E8NpPLSYNl4biB7wXHPeHHwy2zVrfKDYs1yhXbYsPkfGePVWsNa92qs9/16q9yfZdtWLsK82LvtVDbbLDatm0rzD0Tfo9V7M3K",
  "a3JhSxqbmZ6WBuPPPQ+d+CCd8rtuaebTVh9dmr7NpewDJQMAAAAAAAAAvq+clKGVE6cfRPuTE6v8rVC5vr55ef8HlAwAAAAAAAAA",
  "+AKDKWmURi9nie4e547O+fBrADe5W9QW24WSulTUjUVVK+V1T80XXL1tOEbJKxpc4aHfF9XQc+LQEZ0o5Kau8G4Uix43m828Yhgl",
  "raU01TTQk0BLg0KrpfD9zokfbne5ec4P/K7gpqpw1w+iU25qFxf/AGSy0ZYAMAAA",
];

/** A directory of one replica, which listens at port 9881, and has the sites "Harvard University" and "MIT", with 7. */
const directoryOf1And3 = {
  "cluster.db": [
    "H4sIAAAAAAACA+3aTUsCQRgH8JnVkAqxixh4GfZUsMiumq7WwReWkjYttUDEaFy3kHyJdQ0jOkifoXv3rn2Kvkb3PkK1W6YEdg7h",
    "/2OemeEZZp7zA1M50tu2yc77VpfbLEbWiCCQDGOEEK8THjIjTHI/KKEf7+7mhI/yZD4viTy8+N3LgSQJPDkTAAAAAAAAwOKwBF8o",
    "HKbjbZs3O6bRGQ5s05osnnxZy1Y1Vs3mdI1NkhvtFisUq9quVmaH5cJBtlxj+1pNYoZlTA+KpSorHuu6xJo3tjlgOb2UmyY3K9QX",
    "CgbpePmrZpdbl24Iv6q5mT9LzXvU7c1p4JU4AwAAAAAAAAAWV5h6yM41H3X6F/6VTGR2sHe/anz3/4/EGQAAAAAAAADwL87oKV0i",
    "3nFi/W34fCtO/hKIaVE14y2ZJ5VYXFFNdStuxGNmQlGiLTmV5Ck5KkpizxzZhZ7BrR632/2emFYk8apv2QMxXa/LUkpVlUbj7hNZ",
    "S9/YADAAAA==",
  ],
  "replica-0.db": [
    "H4sIAAAAAAACA+3bX0hTURwH8N+5984xw13RZKIvVwjSEmsmtFJyaqNGc+ac4V6K67zadG7ruqY+1QjqJYoCoQShLCjqIQiiHgKD",
    "/kADe7CHCuohRPFB6I+UUIHde9caQ1+CCIzv555zd3bO754v7O1wWUe7JxRXpN6oOijHpR1USBxHTkkiIkHrJsoSfvUMRvzKD31w",
    "SB7x0doEqhlLFegDay+Jt8VG67Q2AAAAAAAAgP+UIphtFRUsWRKXu8NK8KgSHIhFQ5F4dmRq8bma/C7J39TscUnZ+cpQj+T2+l37",
    "XD7poM/d2uQLSAdcgWqpezSuDEnNnrZmydvml7ydHk9VjDfbbDaWbDRiYiElmL4JOZsbU5WR44Pdirr23kE1+Hshs/naif2c2VZc",
    "zJL1RqIaHdYan5OmTfylrA5mtpWUsKTFyBqU1QG9czlp+swf/WT62ZyJs6Q1AAAAAAAAAFi/yhlPDQl5JBztK8h3VmcXCj/cnTTe",
    "zYt1JD4WL4mHtQEAAAAAAAAAGCoFgQRPV6+7n21YnLk3eeLa8sOzsrtsYPo8Z2KMLEx4euH61XenYg5eqwyX7Q0cWVXJBCLRyvOt",
    "bj9x5pOp1zcn6yyMX0i9fLvw5XRBFac96R0unRlj855Pz9vn3rdsK59/sBJo+MzxRgZ3482LM89Ss3n12lamCNGca/nKqmKtlApF",
    "wYj5PpF3ayqdw8bH56buLy2K6ff/F0lrAAAAAAAAAPDPhJmJhKSv9mti47nW/GN1pQv+J3vkImONacd5q712Z8127bLv3uVw2NMP",
    "OYj6LfN9DZEllWgr20RO/f/5GUX7ZTUhqz1SZySUUNShUHz020Sevs7S5/9XpDUAAAAAAAAAWF82M578jR/TXzKfzq5HOUV3Lk9s",
    "+QmMu1QQAFAAAA==",
  ],
};

/**
 * A directory of one replica, which listens at port 9861: files of versions 2 and 4. It has "MIT" with 7, "mit" with 5
 * doses, which is like it, and "Rite Aid, Millville", which is retired. A client has tried to set a site "id:1".
 */
const directoryOf2And4 = {
  "cluster.db": [
    "H4sIAAAAAAACA+3ZwW7TMBgHcCctqkAa5TLt0IvlE0gRStrQJRmCtVM2VYQW2oJUVT04qTtFZMlI3RI07VDu242n4E14DZ4DQVLKJqTyAJP+P9",
    "lO/Nn+vrPlwVsvlILOkvSMS9ogj4iqkkNKCSHlvJfILXUT+0sh6q+fxc97nh2R7crk6dfvO8Xh6j6pfssHAAAAAAAAgLsjVSt7tZqyOpDcj0QQ",
    "LeZSpJtP6ajvtoYuHbbanks3wcfhlHa6Q/fE7dM3/c7rVn9EX7kjjQZpcLPQ7Q1p953nadT/LMWctr1e+yb4ZKBU9nZ3ldX9dc0znn4ouvpPtS",
    "Ly31LbkhZ3c6X6g+QNAAAAAAAAAO6umlIiz5c8i5LTnQeHxu3C4uog/nP/f0HyBgAAAAAAAABbrV4q90j5S1a5fji6YJunfuawmW1bfkM3TN8M",
    "LOHb+wFvNo1AWKI+E2ajzjQWi0x24oCnMZdhEjPH0Nh5kso5c8ZjXbOtpjGZaHlOweOBTM6Zc8GW611hPBUZcyyNpeLjQsyLI0ZTY9PwNJ/k1X",
    "W9YQrTfqab9altskuNLUPx6ThKknSdIBIz2VvkO8eTy99ERBeeADAAAA==",
  ],
  "replica-0.db": [
    "H4sIAAAAAAACA+3be0xTVxwH8N+5D0qhvQUBO2fcLgrTps7AZgTRSGFpJk8RQYfOuQKFVUrBUhGzZaOLD/AVHSMorgOUoWP43sMNYbqxZC7KhP",
    "DyETPFYHQyNzCZyNx2H0NCSpYsWZa4/D69t70959f7vefc/nP7WLI43uIw81l59lyTg38efICiwMDzAMAIKwujmL/WEQSYP4bFjaWmomQYHwOz",
    "yr9TixtcFmg+0kRy54UNhBBCCCGEEEL/U2ZGoQ0MJM4Ahyndas54zZyRk59nsTlGt9gXko1RKUY+JSo63siPts+wZPIxiSnGF43JfFJyTEJUch",
    "ofZ0ybyaevd5gL+Oj4RdF84qIUPjE1Pl6XTyu0Wi1xRkox+RZzhnzHjNm51DTDtjY33Wwff98Z9oxHHSM7Hz9xNaXQ+vkR5zwp0Z63TljoMWlC",
    "w7+UtYQotAEBxKmUsnJN9hxxpcakiS3/aMrEa3Oi6QVhQQghhBBCCCGE0ONrMqFhfqGpyJqXrfYyGIofdTQEffmyeP3vq3oFNN9odmtWaGZxbV",
    "wdZ+WiOKLuUFeoreonVf2qGpVDKEEIIYQQQgihv+HvywDLAwxuzZ2oJD7vXt558Ox7ar2P0JoI8CDcp5asvLem8urQ6bjg34Nvpn1/Zjm1ixAC",
    "o8WxGhYYJxc5nGh0qyXFBODpp2i/ZPE3zFGWzJl8gsVqLRRWM1Dsry0drftmK4nml9qSC5/UnvXWc3Jw78myctJdNKV/xwId17umJbV72XSaek",
    "vK5d4/fKt5T/0WKknNAuucCHD8iwjerZrYAIKmseMl8+caxVyPDGtegTlTSdRDh/bdv9G1TaVTMcAk0mvtjWQqy05Lf6Zp0ubPBnsmLXDeoXKl",
    "cNXJipvnyrc3UfO8hSMVIg4VVSxzKyYrAHw0NGPJjAgFSll1TB6m986NpyuvlTXTei95mCcWrukn1zd27c1qjW75urHt4zp9TjG1XEryulXxm6",
    "uudiu7QCkcVNFyWjHNrZTEAAT403SuxUFTbOUBMab4QtX+PUKY0lXSfmTAdcRT5ykOauqbp++TLmNgRE3Tw0Dv0G7//TmZhFooRXlu2nKxfdOG",
    "217hCqHU+mpJdqlbKQkD0HA0nRCTApTixyp5RIqBK2W3XU0ub52HGLLuykodOVWdvvLALl2HPrjsdcuGoxpqjhTisb3h0t3mruueK1jx/RKSVD",
    "97ilstCQYIDWHGO2kzGlo9SirEWDrKZlPl5ZttBbzFxieY1isJu7n0Rs0Pe+q99Iw8sw3VYXeIvnrVYr61bcPhsEPDdatrrlBB0pEwewcazx+8",
    "2MbMo+VzeC02O9ytmPiJ55AR5xaGXR592+UR0z+1d11q7flUoafkpGNUdw8ZbOafuBy7SnnmVvfbX2V920lNkJKozlN9nVX36j3nEmF6bJO1/E",
    "tupUKhlCNOrJDzzkY5h/Q8PHr3eNNVhfz9/04QFoQQQgghhBBCCP1HbET8+GJphP8HpUO7T5C4+B2fv1FnapX6xA/GuNDnwmaFCLfQiLnhc0Ll",
    "F0UArFb2Zc+3DdoBnnUWG4LAIP4/f8SEhSZ7ocmeyafaLIVme4HFsf6By0PsJ/L1fzcIC0IIIYQQQgghhB4v0wkNKZE/y09GHg1phjFF5b4f8n",
    "8Cfhib4wBQAAA=",
  ],
};

/** A backup of the same database, of version 3. */
const backup3 = [
  "H4sIAAAAAAACAzVPvU7DMBB2GlokxFReIPKcIXF+3andYOiC4AEc22mipkmVpFUrhAQrEyMS6sbAgLrAzsSGutF34AmQYOFiykm2Tt/f3V3gOV",
  "tkxQj3cMT4eDbFJp7LskqLHPccE/NsVtWyBDqmNIwcy3Yjl4cyogFnvm9zae0KjGku5AL3QhNXaS0r3HNNHC1VRxwP0IQRz4cswgQlruMFDvEj",
  "Rj1LcNsV1Lc9QRi34aMsYABbhALsh8KKPYcBHrPAJhJm8UTyMURRLpgVBITHzHaDyMGXB9dX/Q8N9RHS0H91j1k5Z6UwzvNUnVcvv1cdkLR2qo",
  "ebx9VbgvThydmPInTFIfR+/0dM0hqIBKE9xSF0u1bE0SmcagxSYRrDNMvm8OTTpoP0QZ4fFlOZV0aaG0O21FQguNFk+9pYW/uaimoDNHrZNFDc",
  "fl5/brtY6TqAx3dfakqHZ0UlReNu1m02a3r9F1q8OXy/AQAA",
];

/**
 * A directory of one replica, which listens at port 9881: files of versions 2 and 5. "MIT" has reports and documents of
 * several sources, "CVS 116" was merged into "Rite Aid 10402, Millville", which was renamed, and "Closed" is retired.
 * All of it is in the journal, and the clean stop names a digest of the outputs.
 */
const directoryOf2And5 = {
  "cluster.db": [
    "H4sIAAAAAAAA/+zZTWsTQRgH8NlNpCqU9VJ6yGWYk8Ii+5JttlsLScoqwTXRJAol5DDZnZTF7W7dncRo6SHeBS9+Cr+JX8FjP4coG2OL",
    "kJ486OH/g2GGZ14eeG4PM3gRxFLQaZafckltco+oKmlSSgipEkIq5Jq6jv2mEPXH93Lxii+OyGZV8vDz1+3ystYg2hetccM5AAAAAAAA",
    "gP9Rrm7t1mrK8kDySSLCZFZIka+nylHfbw19Omy1A5+ug/fjiHa6Q/+J36fP+51nrf4xfeof6zTMw6uNbm9Iuy+DQKeTd1IUtB302lfB",
    "BwNla3dnR1neWeU85fnrcqh/ZCsjN6ba9GjZmyvaJdEu/3VJAQAAAAAAAOAv1JQKeTTniyQ72b7bNK83Zh8P0l/9/yHRDlFjAAAAAAAA",
    "ALLJsqncItUP7/mn29/O2fqnn3nMntRDs+GYFt/nVt2xnbpjRK49tezQCkMrZDpLxUJ20pDnKZdxljLP1NlZlsuCeaORoe+7rjke6yxM",
    "BE8HMjtj3jmbr07FaSQWzLMMneXizUwU5R3L1FkUn4hCMo8ZduRYe3ziusaemLILnc1j8fZxkmX56oVETGVvJpk3Gl/8BAAA//8DABuH",
    "B64AMAAA",
  ],
  "replica-0.db": [
    "H4sIAAAAAAAA/+zbC2wTdRwH8N//etfu+u7aUmEKtwLKc1AYMAayB1YldGOMMplgsNu6Ueh6o+seMKfrwMBkDhDRBAIBJDDCEOURHmIQ",
    "BMQHQ0Lk5QCBSRBQQEEdI2DutrEtt0VQE0L8fZJut3t8v///Xdvl9hg31uEJuLlM3p/tCnADQQ8UBbEcBwA0ADDQjG58NCHA3LstLKS4",
    "CpOhbTRELP5KIyxoM0G3XhejPaTNbGdfhBBCCCGEEEKPPTetsISHk6A54ErzutOnuNOn5fAeX6B5iRmZbI9z2jlnXLzDzjWv7+HJ4EYl",
    "Ou0v2JO5pORRCXHJqdxoe2ofLm1GwJ3LxTvGxHOJY5xc4niHo2eOTGGxWEgwRqzJ8bjTGz7QrcLFVT18edlpbn/b2en+9PsbmsLbbpxK",
    "KSxGIwkOExv9fIGfL5C1avPzBf9R1ziisJjNJMiKXdku/zThQbVqE9Y81CkT7s2J7gLoLjzq5whCCCGEEEIIIYT+hTAig+H5rkIvn6VR",
    "xj7bvOGN99etE+7/O4TcAN1+XYHOrD2pLdf21NRoijTd1ZvUL6vqVMWqvsozymylmt3E5rEDWHnIDbwaCCGEEHqsGDvQQFsVHVyVLDFf",
    "e3tFzeXVt0gvMw100ktj1CPI1bzwM/7eBn76gtc7Ry9d0898jDIRaLFvnIkGZibAicROxyR7m/ZRRjCbzPKRXj7XncHNOrlnVXkkncX7",
    "3Cwxbdv1zfLd23aohhlpoP2hBTsOSQKMm6lQMOhNjQGgKhUTWGL86PPtFe8sOE5NCGWACT4NcDS1aKLk+NBVlAF69zJ2TBb+rDPOk8HZ",
    "+kf2H9CHS/B4vfker9etp9g/TwiZTM4UcViha9/7vaJ0QVA+2cAAHYyi5hjiJbmGhZQeIgc+pRiZMo6z2QZz7Rf8IqaH8D43l8HzfpYY",
    "bn1S9fPOtUfUvF4omJA5+835kgJ9CaUD+3NPGptyWyQC036bmskN8H43I66vFatZoj9/ce+W+j/kCTqh0JTaKew1SaHuGtFCV6uxrcIQ",
    "iv5OjJLF82ks0VUtOLrn9NKhiVohroN54qnukjjtGaJpP052qkWc9sDBs9/v31hGzdQIl3IqQAWf1keSqDlE1JDgsDSdcn3HIquXT3cF",
    "PLzPGl1k9WRYo60222BrcfERMT18SiCQkxvdr196fm6Eu9CVneN19+uWlued1jcnL83ryZ3CEk351q3Vv359mJ2sFi922CvxMZJm9S6i",
    "gsiBxvvNsm8fuEBdtvLOl9f3lqpSVMLkrAAn5zDnJBWq9UQJPXtYZAmjnHpzkTU9N1+YU5LwlBSmZS0uPtDqWaq6d+XUohOLriqnK4WB",
    "T7Ku0S+VpCqXEBaetzekPtHW6RpiLS7eJQZ3aZqMq72pKOtLbh6oqV2mcbJCpfXZWxu2SyrZMhLyNxPZ1Goi7OVNX2ysurOFmRzS8HLr",
    "PO+8JDWkUAGDIo1CqJmSbxADyh9w2CGn6zbMvXHsIjNaIRToJ10//4OkQJElh3BOLLCRSjF5fothyl2c1yOMVlG5eXdddU0J65ILlzMK",
    "YK31yhVJnDyFaTHe5Q81Xnn5T/tWXLteSY1mhAo1wJKVe9WSCsZOQ5fOYkUYpXi3xZBlcT5f09ll7nz2ae3Hl07qomkaGC/A4jLfXUkW",
    "HSkDnVbMAop5q/Fdg9654cLNM3Vl2ldlwomLzjtYf1ZyqKwrBYMHme6/NKqq5aUP/OKQzftg9aq7lxYxDkqYqhZg0YjUsZIOKpQA18XU",
    "5lthVbU82DheqvrHmsvLPzyoHUpooH3Tes5aLYkiBECvM4kzrV8mL2k8lMyfvfDc4dq5sobf/1eAruJRf2NGCCGEEEIIIYT+L3KI8GOB",
    "FIBbI7Z3H+awjO21pNs4Z9KJGHErIQS0tgFDIvpH9I+wRQ+NirI1HBYNMJW9mDXc95sfoG+wJLYbxAr/n98k9EWXP9/lz+DG+zz5bn+u",
    "JzDj9jK5sJ003P8fB93xRzVnhBBCCCGEEEIIwT/zDJGBM+Z6wxdNn2NTY1vttNiwjvsLAAD//wMAQvuKVgBQAAA=",
  ],
};

/** A backup of the same database, of version 4. */
const backup4 = [
  "H4sIAAAAAAAA/4RSO2sUURQ+m9nZzSbxsXlAooXjUazGZN6zOzYb02gRCD5Se2fmTnbIOLPszC6Jy0J8YBWwsbBRJJVIChVLG0HBKgRs",
  "RCz9AZaijcyZBFIEvNXl+75zvnPv+QbYZxtRsoYOusxb73VQxj7vpmESo2PI6EW9NONddFB3DU+1TVVjTaYZpm4apuI39EA5OChjGPt8",
  "Ax1NkTENM56iY8robtLNNkwZ0zbTTAsdbHpNzbQs7gZ6IzAZc13DUD1muabS0G3FbppuoAXMNm1TbRoeN4NA93XbdTVfaXrcRhm9NvfW",
  "0UHLazCuGkqgBYqnqz4Ox+5vtb6K0AIoweGZvMa6fdb1pdtxSO/LNv88r7QARg5UW28efn7WBmH5+q2/RAjEATwoiKkbYcalxdCXpeUw",
  "ivphFPHdvcoKQJm0AI8KYXVp9aakqtbuXgXOt7OskzoLC14/necb7G4n4gsX3V60frnTc6MwbZfIpZz7PKX6EXGOIBEApl4RFFRrICzG",
  "MYiddhLzOvEVAJA+EH+vcuHJt4872wacO/Rjx7upVFoFgCv7VMpUocKkKIz5NFGjAHD2J1FFy5kBemkfnQGu5N7ooIrDoVCoawAw//uI",
  "enaAUeKxjNIzwNDP9TYOh+WiYAwA1O23/21fpy8ZByitviS1UJomaCL/lR2C9qnB3HGOqoXDYalGezkBUPr0nipGBBCuJm6BnwSA2deE",
  "Y3lMFAk8BQAzXwj8Tu3FucO1S6piKNqR5U+IaZZ0uUj4JZruNAC8+HFkOmE0ibnkJ0m3Tv3rAHDnVzFMTWjRKiYpO+8oO5WlKEm5P47E",
  "TAHAmccFU15LYp7HJF9eHtg8m8I/AAAA//8DADgyqPu+AwAA",
];

/**
 * A directory of three replicas at ports 9871 to 9873 in which nothing started again: three clients had told one
 * replica each that all have their request, a report of 100, 101 and 102 for "Harvard University", and died. Each
 * replica executed the one that it had, installed view 2, which has none of them, and failed then.
 */
const strayDirectory = {
  "cluster.db": [
    "H4sIAAAAAAACA+3az2saQRQH8LdrQmhBzCV48DKdUwvbsrsq/kgPatgE6UZTYwIiHsZ1DJLVlXVMLSUH8x/0kEv+hRxK/43+FyV/R2l3U5MQSG+9",
    "BL4f5sfjPWbeeWAOP7ojJdkwCMdCsSxtkq5ThTEiWotmgh7oq9wdjfTfv+LgWCx26Glr9O7yRzI+nCpQ6jpaAAAAAAAAAJ6PUN9IZzLacluJvi89",
    "fz5TMlxtiZ2WU207rF2tuQ5bJV+PBqzeaDt7TosdtOr71VaHfXA6BvNC777QaLZZ48h1Ddb/rOSM1dxm7T755lDbSG9tacsXtz3HIjyNp/6oW5z5",
    "Z6unLo3f5lrqhqIBAAAAAAAAAM9XRkvQ+zOx8IOT5MtK9qHw9ufFt7/v/ylFAwAAAAAAAAD+k2VSW6f1i02i71+vXn3hq+8BvMytkhSWZ+WKpmna",
    "Qub7A9sq2dlhMd+Xg1Ihxw0+kQtVn3ginAg1Cia8bBl8GoRqxsvdrmmUigWrZ3StOLCjwI6DbK9n8LOR/LTrB0HUxzS4L4eqOVfRod75H3xqEGgA",
    "MAAA",
  ],
  "replica-0.db": [
    "H4sIAAAAAAACA+3bz2sTQRQH8De7G0MjzUprkxY9TEAw/iq2OVRrIWlLsMU1rWlS7M1tuq2bNj/YrrEFwa5exIOgUEGKIAgKCt5FvIugiIL9A0o9",
    "CILgQdBD3d0Y04Vcir20fD+ZSd68Ce9BbjNLxi4ouqnx6ZJRUE0eo30kCJTgnIgke/qoTvo7axhJG7+dYFxdSFNjEnUuv212guA0yc/lePCdHQAA",
    "AAAAAMAupUn+cCTCrDZTnZzTcpe13Gy5pBfNeuQbTCf7M0me6R9Qkryej+pTfDiVSZ5Npvloevh8f3qCn0tOHOeTi6Y2zweUkQGeGsnwVFZRjpRF",
    "fzgcZlbcbVPWtVz1TfIUd1PR4pXCpGY0rp0zcv82asUbd8wL/nBrK7POuB2N0lV7iJ5udmKbeo0xf7itjVlNbq+Casw6U/B0czJb+smcszmT18ge",
    "AAAAAAAAALBzHWAi9VXUhbnSTHMg0VnfGLq5N+c+m5f9JL+SH8tZOwAAAAAAAADYvRTJRz4rSPSpfVyRBJGCXd09nSftV1fv6VM9Xcy77ha86xgj",
    "amLs2cu7H7/d/hlQRB9JVkvs6QNDZPS/1UKCRFLUtzLyRmCb84PM6ULqk/sBdnH02K0N7Vrf5zvra8srH14wu0RHu9gypBoV1Zji2aJe0Yx53Vwk",
    "YYptKlJ9/l8iewAAAAAAAADA9rCCzqH9RmgxlHnf8fXg/iU6uv46ci/ubjK25ZuCatVeonzTl5m+4g+D6IS1lDhECef/+TUNrgF+Pdzj7LPq+X+V",
    "7AEAAAAAAAAAO8th+yohE/9eXdQ+E5ceeb7E89ezfwCWsuAmAFAAAA==",
  ],
  "replica-1.db": [
    "H4sIAAAAAAACA+3bP2gTURwH8N+7P4YIyZXWmpY6vEChVbQ0rVBtC0kjh1ZjomkqdJFe0mtN2vzhGmPjoL0ODroJOhSKDiKIoosgDoKDVJGKYyeX",
    "+gdxEtysoHeJMQ1kKXZp+X7y3uX33jt+v5DtveNGzoaSeZ1PZo20lue91ECCQAHOiUiyukxV0t9ewUj6vW4H57S5KNUnUdetty47cE+S8lDxu99Z",
    "AQAAAAAAAOxQuuTweL3MbM5r8Rk9cUFPTOeyyUy+GsnHoupQTOWxoWBI5dX5zuQEHw7H1ONqlJ+JDp8eio7xU+rYQR4v5vVZHgxFgjwcifHwaCi0",
    "Pyc6PB4PM/2lMrmknihfpJrkpanOzMV0XDfq504YiX8LleT1K6YEh6epiZkDpYpG9pLVxJpq1sQW1RphDk9zMzOdpVppzZi2u1BTzZ7Z1F9m782Z",
    "8pGsBgAAAAAAAADbVxsTabCgzc1kp1y7A93Vhafip8elZ/OKSMpz5Y4SsQIAAAAAAACAnemkJJNkui/fGw9IgkhuX09fV7f18fUfPdLnY7XjHqF2",
    "3MuInIwt3Fi8tv76gxgWZZLNRqLFtidXREb/m69FkEjuJHrUUXwlsI0rKrMrWT//V/uzw2z5+puBBwO3l16uOL661s6/Z1aa1hax8YRmFDRjgo9m",
    "kgXdmE3miyTobEOa8vP/NFkNAAAAAAAAALaC2WBv2hf2Eq0u319r/bZvzzwd+PzCe9NvrzLGNn1aUM7bT5RyfpkazPwwiA6Z84F2Ctjv51fUOQb4",
    "ubTLXmfl/f8qWQ0AAAAAAAAAtpcO6ygh5v9eHlS+A+N3a27iqaujfwCXpleEAFAAAA==",
  ],
  "replica-2.db": [
    "H4sIAAAAAAACA+3bz2sTQRQH8Df7w9BKs6W1XYsepiAYRYtpD9VayI8SbHFta5qIxYvb7aZu2/xgu8YGBLt67kXwoKAIXgRPXkQRBS8KQgXx0D/A",
    "XyAIhd70UHcTYxrIpdhLy/eTmeTNm/Ae5DazZOK8Zjkmz+TtrO7wPmolQaAo50QkeVOmGunvrGIkbfz2gwv6YpIak6jnzvsWPwhmSHmiRIIrXgAA",
    "AAAAAAC7lCkF1O5u5nY4+tS8aVwxjblC3so5tUgeSiZiqQRPxeJagtfyIWuaj4ymEmcSST6eHDkXS07ys4nJY3yq5JgLPK6NxfnoWIqPpjXtSEEM",
    "qKrK3Ei5TcEyjcqbVFe8nArlrmanTLtxbcM2/m1UizfuOCsE1PZ25p4ud7Tz17wh1nXzEtvUa4IF1I4O5jaVe2V1e86fQl03P7Oln8w/mzPlM3kD",
    "AAAAAAAAAHauA0ykwaK+OJ+faWmO9tQ2hm/tNcrP5pUAKS+VR0raCwAAAAAAAAB2L02SSXaDRMvJ4JokiBQM9/b3nPBe4YFTJ/vDrH7dK9Sv+xhR",
    "E2NPv3/55L543KyJMkluW/bnmw8io/+t1ilIJIUufVQdgW3ODzG/C2mF5dcs92595YH0fLkUbr14/e74PeaV6Novtg3rdlG3p3k6ZxVNe8FySiRk",
    "2KYilef/WfIGAAAAAAAAAGwHt9U7sss3O4k23j5b7fpxcN8SHf36qvt2xN8VGNvyTUGl7gDRbNO3mcHcuk103F2KHqKo///8qgbXAL/u7/H3WeX8",
    "v0reAAAAAAAAAICd5bB3lZCKrFUW1c/o5Yd1X+KzN9J/ABmADyEAUAAA",
  ],
};

// A program wrote it whose logs had room for `fullLogBytes`.
const directoryOf2And7 = {
  "cluster.db": [
    "H4sIAAAAAAAA/+zZv2/TQBQH8GenVQVSZZaqQ5bTTUWyUJ3GMXGRaBIZFBESSAJSFWW42OfKwrVb+xKCSoewM/JXsLCy8Afwb/TvQCCH0ArRTg",
    "wwfD/S6U7vfjzpbU83eN6JlGRhmh0LxfboDuk6HTBGRGtEVKIr+ir2i0b692/F4qWYt+h6a3Tvw9fN4rLhkPHRcG44BwAAAAAAAPA/yvSN7XJZ",
    "W+wrMYmlH09zJbPVVGr1vcbQY8NGs+OxVXAnCli7O/Qee332rN9+2ugfsifeocn8zL/c6PaGrPui0zHZ5I2SOWt2es3L4N2BtrG9taUtbi1zHo",
    "vsVTH037IVkRtTXfdo0ZtrxgUZF/+6pAAAAAAAAADwF8paiR7MxDxOjzZvH1hXG9P3+8nP/t8lw0WNAQAAAAAAAOgPi5a2Tuvv3hJ9+fT54Rlf",
    "ffRzlzsVxw5DpyrCSlUGoh5adbtarzi1mm9ZTi3kJk/kXLUTX2SJUFGacNcy+UmaqZy7o9Guad139qzx2OR+LEUyUOkJd8/4bHksSgI5527FNn",
    "kmT6cyLy5VaiYPoiOZK+7y3YkdTIRvB7Zds3x+bvJZJF8/itM0W74Qy1D1poq7o/H5DwAAAP//AwCEhvztADAAAA==",
  ],
  "replica-0.db": [
    "H4sIAAAAAAAA/+zdC5xlBX0f8N+dx7179zULy7KgkV4TLCQqZWAEVFrBSBRBjDySatqGu8wZXUdm6DDysE16N2MQ44AYxYK6iINRDAgqGEHBsq",
    "MgVVE0IvgosQUCFYn4QBFNyGfYrNTP0M/QT3r2fPbs9/v5zO48ztzzO7//ubP73+dxrzh643TRGZucOrk73Tkwa9LXl8M6nSSDSWNNHjfwTy/b",
    "NNJ69OGFV36ve8axeWKD2e/8z69a+MTVYxm6bOgFq29ZPfZ/ORYAAIAdXjHQWv/0pzc2rZvubnhdcdJripPGT5ncODH9+GuDv33sEYcff0Tn+M",
    "NfePQRncffv+/G0c6Rxxx/xIuPOLbzu8ce+bLDj31l56gjXvmszoYzp4tTOy88+uUv7Bzz8uM7x5xw9NG/eUp/a/369Y1NL3jsNKdsLE7a+s3A",
    "rzz4Y+/ad+L1J28opp74sU+aOumXH9j24E98xtf2tdavXdvY9PzHzjg1efrU5On9v3K2qcnT/z+d67hGa/26dY1N7cfOdXJ3anzhpe9Xzrbwnv",
    "+nyhZ288bQXRm6q+p7BAAAAPhneGqjP4ee1j3jdZOvXrX8sMMf/8Bbrty4eTBJ39BPFt782tDPt74CAAAA1MSpuySZam/9/f8iQ0XVgQAAAGAH",
    "t2mPxmAG/uS3nvmBI+6cev2j01fu/cCHfnD+kfs89sFGo5Gh4QMO3m///fbfb/h5w4ccfODwLz/zte2/ffWhEz+a+qcDG32Nxx/113Z9SXfqtO",
    "7UaOeEiY2nFVOnbpw+c+GYRzY3Hzt47xy28Jf0t3mCox/Z3Ny6/9+eodu3ayMAAADAP98+jf4c/4IHt76x7fvDut/5lYPu2Pe4o5O0zgAAAABq",
    "LcmyqjMAAAAA5UrS1jEAAADUW5LlVWcAAAAAypVkhY4BAACg3pKsrDoDAAAAUK4kq3QMAAAA9ZZkddUZAAAAgHIlGdIxAAAA1FuSNVVnAAAAAM",
    "qVZBcdAwAAQL0lSdUZAAAA2Hnc9zdb5mZHmt3OWFGMtqYnx4uJznC70fe+8++488brzlmxsKdSirVVzx4AAAAoV5LddAwAAAD1lmRd1RkAAACA",
    "ciXZXccAAABQb0nWV50BAAAAKFeSPXQMAAAA9ZZkz6ozAAAAAOVK8hQdAwAAQL0leWrVGQAAAIByJfk1HQMAAEC9JXla1RkAAACAciWJjgEAAN",
    "hebr13y9zsSLPbGSuK0db05Hgx0RluN/rvv+bDj3zv0UvbC3sqpfgX7nIAAACotySdqjMAAAAA5UrydB0DAABAvSX59aozAAAAAOVK8hs6BgAA",
    "gHpLsnfVGQAAAIByJXmGjgEAAKDekvzLqjMAAAAA5Uqyj44BAACg3pLsW3UGAAAAoFxJflPHAAAAUG9JUnUGAAAAdh7XfH/L3OxIs9sZK4rR1v",
    "TkeDHRGW43Bv7ys1996KJ737FyYU+lFM+sevYAAABAuZI8S8cAAABQb0meXXUGAAAAoFxJ9tMxAAAA1FuSf1V1BgAAAKBcSfbXMQAAANRbkuGq",
    "MwAAAADlSnKAjgEAAKDekhxYdQYAAACgXElGdAwAAAD1luQ5VWcAAAAAypUkOgYAAGB7ufinW+ZmR5rdzlhRjLamJ8eLic5wuzF428Nvvfxdt1",
    "zWXthTKcXB7nIAAACotySHVJ0BAAAAKFeS5+oYAAAA6i3J86rOAAAAAJQryfN1DAAAAPWW5NCqMwAAAADlSvKvdQwAAAD1luTfVJ0BAAAAKFeS",
    "F+gYAAAA6i3JYVVnAAAAAMqV5HAdAwAAQL0lSdUZAAAA2Imc/eiWudmRZrczVhSjrenJ8WKiM9xuNL/1kzs/+NC7v9a3sKhSht+uevQAAABAuZ",
    "K8SMcAAABQb0mOqDoDAAAAUK4kv6NjAAAAqLckL646AwAAAFCuJC/RMQAAANRbkiOrzgAAAACUK8lLdQwAAAD1luSoqjMAAAAA5UpytI4BAACg",
    "3pK8rOoMAAAAQLmSRMcAAABsJw+eNT83O9LsdsaKYrQ1PTleTHSG243Wm77Z+4cbv3Xf6oU1lXK83F0OAAAA9Zbkd6vOAAAAAJQrySt0DAAAAP",
    "WW5NiqMwAAAADlSnKcjgEAAKDekhxfdQYAAACgXElO0DEAAADUW5LfqzoDAAAAUK4kv69jAAAAqLck/7bqDAAAAEC5krxSxwAAAFBvSVJ1BgAA",
    "AHYid5w7Pzc70ux2xopitDU9OV5MdIbbjWUX3/Gx2Qs+8b7VC4sqZfiDqkcPAAAAlCvJv9MxAAAA1FuSf191BgAAAKBcSf6DjgEAAKDekvxh1R",
    "kAAACAciU5UccAAABQb0m6VWcAAAAAypVkg44BAACg3pKcVHUGAAAAoFxJRnUMAAAA9ZakqDoDAAAAUK4k0TEAAADbyQ3vnJ+bHWl2O2NFMdqa",
    "nhwvJjrD7Ub7u5s+fdVdn7xoaGFNpRyvdpcDAABAvSV5TdUZAAAAgHIl2ahjAAAAqLckr606AwAAAFCuJOM6BgAAgHpL8rqqMwAAAADlSnKyjg",
    "EAAKDekkxUnQEAAAAoV5JJHQMAAEC9JTml6gwAAABAuZL8Rx0DAABAvSVJ1RkAAADYaVx60fzc7Eiz2xkritHW9OR4MdEZbjeW3/WFC7/8ps/d",
    "2LewplKCVUna2TtDl6/61IrPt7/Rum/wpwPNvnXZ+/FjZnontpsZOGvTIadefeLXGpec/oart+x501GXvWh+r2vXPDTSvvjexrJ8tNd/Ra//4F",
    "1f0p06rTs12jlhYuNpxdSpG6fPXDPQ6/UfXPUdxpOT5FUzvQ3Lmhk8a9MhySWD129eNPJls19otJYa+UEq3xEkOWamd2Jr6zP8D276wg2Lxt16",
    "+PJGc6lxP6fqC+HJSfLCmd6G5rZn+F/96KLfXzTy5t3nNgaXGvmIyncESQ6a6XUHHxv4Qclbn/O04xYNfPDWUwaWmveBVV8JT0qS35rpdQe2Df",
    "yhDft8dtHAB647pn+pgR+g8B1Ckr1met3+bQN/+wfe+IZFA++/9Fl9Sw18uOor4UlJsutMr9u3beAfesvb+xcNvO8dyxtLDXx/he8QkjSPbQxm",
    "YNNee6289pZFs240kn33WfsEY96jr9W7Y8vc7Ej/4RMTg6e8ZnKiaDcaV95/7jtv/uR5rYX9f1nOyOqhlXstf/ayQ5tHDbyqb2Me+3MBZZrpbd",
    "hl209AHz70uz9cdEG73HBz/5olv1xZOnYESa6b6W1Ys23gV/3svR9fNPA1l1/eP7TkwK0cO4IkH5npbRj65TP8uPbQooEPXXBe/+olB27n2BEk",
    "ef9Mb8PqbQP/4fdf+qVFA1/9xh/3rVpy4HaOHUGSC2Z6G1ZtG/h9e5/73EUDX/Xg7X0rlxy4nWNHkGR2pnfiyq2/THzGAWsXL5grv/2pvhVLjt",
    "vGsWNI0pvpbVix7Rn+nl06By4a+Yqb39u3fKmRP7fqS+HJSDI90ztx+dZn+ItP/vQXF417+dUzfe2lxn2IuncMScaSvL7qHAAAAEC5kpymYwAA",
    "AKi3JKdXnQEAAAAol3/+HwAAAOovyZlVZwAAAADKleQNOgYAAIB6S/Kfqs4AAAAAlCvJf9YxAAAA1FuSP6o6AwAAAFCuJH+sYwAAAKi3JP+l6g",
    "wAAABAuZJExwAAAGw3531gfm52pNntjBXFaGt6cryY6Ay3GyvO+8b1N92/5RODC4sqZdjkLgcAAIB6S/InVWcAAAAAypVkRscAAABQb0neWHUG",
    "AAAAoFxJ/lTHAAAAUG9Jzqo6AwAAAFCuJG/SMQAAANRbkrOrzgAAAACUK8mbdQwAAAD1luTPqs4AAAAAlCvJW3QMAAAA9ZYkVWcAAABgp/Hwh+",
    "fnZkea3c5YUYy2pifHi4nOcLux8v7v/fDC+6/62cqFNZVynFP18AEAAIByJTlXxwAAAFBvSd5adQYAAACgXEnO0zEAAADUW5K3VZ0BAAAAKFeS",
    "P9cxAAAA1FuSt1edAQAAAChXknfoGAAAAOotyflVZwAAAADKleSdOgYAAIB6S/Jfq84AAAAAlCtJdAwAAMB2852Pz8/NjjS7nbGiGG1NT44XE5",
    "3hdmPVX3/50gfevPkjjYVFlTJc6C4HAACAekvyrqozAAAAAOVK8m4dAwAAQL0leU/VGQAAAIByJdmsYwAAAKi3JBdVnQEAAAAoV5L36hgAAADq",
    "LcnFVWcAAAAAypXkfToGAACAeksyV3UGAAAAoFxJLtExAAAA1FuSVJ0BAACAncjN18/PzY40u52xohhtTU+OFxOd4XZj9WXnf+Wtf/exK1oLiy",
    "pl+IuqRw8AAACUK8kHdAwAAAD1luSDVWcAAAAAypXkUh0DAABAvSX5UNUZAAAAgHIl+UsdAwAAQL0luazqDAAAAEC5klyuYwAAAKi3JB+uOgMA",
    "AABQriRX6BgAAADqLcmVVWcAAAAAypUkOgYAAGC7+ciN83OzI81uZ6woRlvTk+PFRGe43Rj67q3vfvett31/9cKiShk+6i4HAACAekvysaozAA",
    "AAAOVKcpWOAQAAoN6SXF11BgAAAKBcST6uYwAAAKi3JH9VdQYAAACgXEk+oWMAAACotyTXVJ0BAAAAKFeSa3UMAAAA9Zbkk1VnAAAAAMqV5FM6",
    "BgAAgHpLkqozAAAAsBO54Jb5udmRZrczVhSjrenJ8WKiM9xurLnrM1s2X/6+O/sWFlXKcH3VowcAAADKleTTOgYAAIB6S/Lfqs4AAAAAlCvJDT",
    "oGAACAekuypeoMAAAAQLmSzOsYAAAA6i3JZ6rOAAAAAJQryWd1DAAAAPWW5MaqMwAAAADlSnKTjgEAAKDeknyu6gwAAABAuZJExwAAAGw3vdvm",
    "52ZHmt3OWFGMtqYnx4uJznC7scuHvnzzN3/y97cMLCyqlOG/u8sBAACg3pJ8vuoMAAAAQLmSfEHHAAAAUG9Jvlh1BgAAAKBcSW7RMQAAANRbki",
    "9VnQEAAAAoV5Iv6xgAAADqLcmtVWcAAAAAypXkKzoGAACAekvy1aozAAAAAOVK8tc6BgAAgHpLkqozAAAAsNO479vzc7MjzW5nrChGW9OT48VE",
    "Z7jd2PWTH37X1R+94KvNhTWVEqxKsrz/nKweWrnX8mcvO7R51MCrBlb3f6X//f3nKBy2o3VPHcjgryfXPGvqnnbjKe+5/LYrLv/E7YPPfMpABo",
    "4deHH/TY1LTn/D1Vv2vOmoy140v9e1ax4aecqD5w/u2cj/cfDz9xzIwNSxT33V3YsO3vPOtw3ukTVDu/W/7Mjj8/PNzbMf+Nzc7Ei7sedfXHzv",
    "F2/ffMPKl+4xmIFNq/f40u+cs+iz9/jiOYPrs9fT1u76ku7Uad2p0c4JExtPK6ZO3Th9ZvqWXXzP1sfa44EPPnj2pVdduWKm94frmxk4a9NBx1",
    "/1kT9a9HDrr/nBwO75aK//il7/wU/wkGsGer3+A4ar/oGJJyVpDM70NuzezOBZmw5J3vsbf9xbNPLd33/bwLolR76/yncASX4209uwbtvAz33F",
    "M563aODrzrt2YLelBj783KqvhSchyQMzvRN3e+xL+iG7b/76ny4a926/eM/A2iXHfYi6dwhJ/udMb8Pabc/w28+f+daika+9rzew65IjP7jqa+",
    "FJSHLbTO/EXbc+w59xQ+f6RePe9Wt39++y5LgPUvcOIcnNSb5edQ4AAACgXElu1zEAAADUW5I7qs4AAAAAlCvJN3QMAAAA9Zbkm1VnAAAAAMqV",
    "5Fs6BgAAgHpL8u2qMwAAAADlSvI/dAwAAAD1luTOqjMAAAAA5UryNzoGAACAekvynaozAAAAAOVKEh0DAACw3dx69/zc7Eiz2xkritHW9OR4Md",
    "EZbjfWfuy+S+/q/fxzqxYWVcrwv9zlAAAAUG9J7qo6AwAAAFCuJHfrGAAAAOotyT1VZwAAAADKleRvdQwAAAD1luTeqjMAAAAA5Upyn44BAACg",
    "3pL876ozAAAAAOVK8l0dAwAAQL0lub/qDAAAAEC5knxPxwAAAFBvSVJ1BgAAAHYa13xvfm52pNntjBXFaGt6cryY6Ay3G7td8rM3f/NtF759xc",
    "KaSjn+rurhAwAAAOVK8n0dAwAAQL0lebDqDAAAAEC5kvxAxwAAAFBvSX5YdQYAAACgXEl+pGMAAACotyQ/rjoDAAAAUK4kD+kYAAAA6i3JT6rO",
    "AAAAAJQryU91DAAAAPWW5OGqMwAAAADlShIdAwAAsN1c/OP5udmRZrczVhSjrenJ8WKiM9xurLvnbe/6+g1vua65sKhShkfc5QAAAFBvSX5edQ",
    "YAAACgXEl+oWMAAACotyR/X3UGAAAAoFxJ/kHHAAAAUG9JHq06AwAAAFCupOH//wMAAICaSxqNqjMAAAAA5UoafToGAACAeksa/VVnAAAAAMqV",
    "NAZ0DAAAAPWWxL//BwAAwPZz9i/m52ZHmt3OWFGMtqYnx4uJznC7sftdn77rxkdu+uqKhUWVEjSabnMAAACot6TRqjoDAAAAUK6ksUzHAAAAUG",
    "9Jo111BgAAAKBcSWO5jgEAAKDeksaKqjMAAAAA5UoaK3UMAAAA9ZY0VlWdAQAAAChX0litYwAAAKi3pDFUdQYAAACgXEljjY4BAACg3pKk6gwA",
    "AADsNB6c+czc7Eiz2xkritHW9OR4MdEZbjfWf+e6+XsufGh4YUulDP8IAAD//wMAAgXhggAAEQA=",
  ],
};

/**
 * A directory of one replica: files of versions 2 and 6. Its checkpoint has what the backup of version 5 has, and its
 * journal has the rest of `earlier_commands.ts`.
 */
const directoryOf2And6 = {
  "cluster.db": [
    "H4sIAAAAAAACA+3ZwW7TMBgHcCctmkCaymXqoRfLpw0FtMZps4Yd1k4BVYQW2oI0VT24qTNFZMlI3VI0duiO3HkKDrwHZ14A8RwIklI2IZUHmPT",
    "/yXbiz/b3nS33X3qhkjRI0jOhKCf3ia6TI0oJIcWsF8gNfR37SyP6r5/5z2uxOCabFcmjT1+388Mlm5Q+ZwMAAAAAAADA7ZHqW+VKRVs+VmIcST",
    "+aTZVM15/Ccc9tDlw6aLY8l66Du+GEtjsD96nboy967efN3gl95p4Y1E/964VOd0A7rzzPoOP3Sk5py+u2roN7fW2rvLOjLe+uap6J9E3e9X+q5",
    "ZH/ltqUNL+ba6UfJGsAAAAAAAAAcHtVtAI5nItFlJxu3zviNwsPv199+XP/PyRZAwAAAAAAAIANlk3tDilefSg/+Pjtgq0f+pnD6o26yRt2rW7u",
    "BwHnjcA+CEwhTKshLZOPbWawWC5UO/ZFGgsVJjFzqgY7T1I1Zc5wuG9wq8bt0cjIkkoR91VyzpwLNl9tC+OJXDDHqhsslW9ncpofqtYMNglPs0l",
    "Wv8r9gAdVU0yEZVvs0mDzUL57EiVJusoQyUB1Z9nO4ejyN3EsIYYAMAAA",
  ],
  "replica-0.db": [
    "H4sIAAAAAAACA+1bfVBU1xU/933ydmEXWRZqpPGyJlSd6ICYosSOgNk0Vr4Ca6LpTOt+PGTLskuXFXRSZ5YGZZLGuBp1iJGIJhmTGhKStGpbZ4S",
    "kTiwTG5i2SVpbAkajtjMpNo6iNqb33rewmmUy00n/Sef+eG95nPO7v3vvW847577dV/tAuT+i47pQuNEdwYWQDoIAJRgDgER2GRKQ4vsEECifX6",
    "UHD7rX18DUkGD+zoE0emCpA+tB61LLSXLAwcHBwcHBwcHBwcHB8X8KXVKzc3NRmz3i9gR0b73ubWgK+YORxJG8rMZZ6nJiV2lZuRMn7LP9Pry80",
    "uX8rrMGV9csryitWY1XOFffhT0bInozLiuvKsOVVS5cubK8fE6TqGZnZ6O2paybJr/uNV6kW8SZaXZwXaNHD0+t7Q17Jx0T4lP3+CNBzbbZUNs9",
    "rMdwqJVs4i29EcP/qK9apGbb7ahNY301usMNdBdu6Y1a/qtTRtfmyPoRkI2Dg4ODg4ODg4ODg4ODg+PrixlIhCUt7vWB0No0U0lRwtG16OI8uv5",
    "Pl6vA2m8NW2dY/mTpMF1TA2qO8qGyT1mj5Mhn5ZjsIwQODg4Oji+DLV0CyTG3al1AQ9ZLJw7tvHjuU22ulRir69YoPehQ4MSNBR//od7/wxveuS",
    "czXrJeECwIbuLWWmSQ23IAzr7fMZZEt7wnpEHenXbz+V0vn30tisf2bn9s0ZGPf7v/iYViaTAoN9WHgrriDYSadZ+GLE/v6X9u68Gj2t1pZAB1R",
    "Qu3dCcpph0XUsFsqgUwDQ5THQ2lbfrl6MXdl06llqVKIP8EYNO8/oeTGqa+IZghy14DeNb592hDU2s4FFyLm/0RXUOpJ97piR658oy21Ew0WgC2",
    "Dw6cS9Iw7xNMYMt4QFnGRgxC/vzou8YgzKdeuLr56NkLqUtMRKAJ4Fz5lvEkAdNWQYN0a9aEwERr094jf378F6+/It6jkZmHW1cX60lttc9QCkx",
    "Lv11d9mAtLij4NnS+bTTWTr9y+fTR2A6tMoW+FxkAz87clpnUPuXvSIVcnKM+pK9tdAebQdbiR7hIQh5U0HvM0EsZ3fzPt14aH1A6zKoM0pPpeZ",
    "9XP5Ykpz6PFPhQ+ZtSJFYsd6VLx5RHHC7nKpej2FFaXV21vNJV4ax01eJlpZW4zInLqqpWOO/FZauxy1nurL6/qtI5H3MiJ3IiIzo2njhMw09x4",
    "zpd96mRUIMexAUaUodih7b+5dpVrcOk0Gi0PDSU35AUjcoP5C8GY0RfH6HB2MQ+l2zUg5Fm7HUHsUfHnhBR92HPBhzRAzq7CJOhciInciIlOjaO",
    "vDplMCp/PbPl+o3evWq5TGKxLUPKWvJ2UizKKyRw5BaySFRh/MBNSuKC/EUJNXnPzl8/2jN60XKvRNWEjVrdUJKatFiE26bbqNpuYU6sm6qlJYo",
    "nDUkHhp4ajT79G+tKkaZ/DDD+3IqPknTEPAHmzLbZaujX50v9vrtwhT8QaCG7Pk2QXuykunv2v0krs1bdoyHx5Ojp9sP7n1ArBDq4TNOB9uEkUc",
    "GGYJajcKKkyJCEVEMp6cwJrw5ce6Nz13XrdxCpcFpSWge+l6SGEECmLXOyQHn590pfzKhJ0JnLZ/79r+5+hX3+L98JZOPg4ODg+CJ2rkIkFRzMA",
    "xiM3HHZ71m8zmP9dPGVrXP3MzciF1prwYKi+fnkp6C4cOHdhfG7rN12DL72tIauc0OHyRrY3hYtuZQJJfTZqQlk3O8Ot7jDPrwy6G/Rw2T5vOFa",
    "l7IGQIizor2PHu+sB5qwrncpJBEEQxF9MB1AZBwypmOMMLGOJVd5iKcLmMgXq9iTW+JN7KnyFm1JMyEYqbCEPf7Fnvjqfpc1uvm2g4m4lfgDYnF",
    "3fBVuJh6VORMNS4M4FPDhoLtRf3NYIYQUxpkkaI3+CHYHg/p6MkfEJkYY8NnYMHUL6nRm0ugdlr5PqEmZLUqvpTOriVjtsRvU+uN9ld1X+kmGQ1",
    "LAHdGFbQbDTBiOkS3thBEl7xWtGgRDMZXeHzc8PxWRKIFaEfLp4aC70xgETY8zB49SP4KxzSydS3SAZLOQ1/7eLuozbzPeDysxxaI91CSQHB2bx",
    "qzEB1kj7R10otC3i4ogYQ47tYSAnjL0BQS3f/m/oWL8ms5aZpCj4u53WEtBlAyjjZ6KsVPM6BWlHcb0M4n1eN8/qNWYAl/OcCInfoXlDBJ2YBZa",
    "dhLg349dT4SW8MhGBKluco2u18PsIrwjn10EskiAyiOPbyJM4xLAb/BxIid+hRt8RmGEyHKaRmI2ibKf9e7eNBmJkklpiYS9Dc1CwYJvsmrjG6S",
    "o2G5QQDSV4qDeyiqSt4YVUYoKTIbkUbgv+vOEjEwqk3kFCqtHbiOvrw/+igkIeSysZ5DXD7p/lwhrKYVEPm4mssUsY+eQsiV37AOjU0luDLXoPg",
    "erm8igtIfjnmnGZzb0OXzsxq263jCLcWhFcEffecaR3Wvd/mCnyDL9TDKjC7Fx6hjvof1m2skcJOYjlybIGenYPOnLYKWDGi8haFVJC0f2fL/x/",
    "f/3gWwcHBwcHBwcHBwcHBwcHBxfL3wLieBaOmb8MfG75IXdt5A+afpj0X8ALzJOIwBQAAA=",
  ],
};

/** A backup of version 5, with the first part of `earlier_commands.ts`. */
const namesOf5 = [
  "H4sIAAAAAAAA/7yX+2vWZRjGP8+988G58/n07qxz6pqnechnTWvlKitXVmZubk5N55pLUiJMJCIiIiIiMiIiIiIiIiIiIvpr+gP6oX6J6/b9tvm6",
  "UweT/SDf97qu53CfrueVq/HXWiIEkn/lI+Nzl8bnJlvHZs5cmpq7eGb+8u83ciNYGmWEK3/cyA3+xcTIthAhy/8gFxtKA7IgG6jIN4v+3xwBCska",
  "mhCizL/lApXFloVdHIgOyROqhOyhiZOCFfjHfKCq1LLJGp+ZiU4r8P2SMzRxclLAlH8tBKorLSd3vHXmwvxUdL0iQavJFXQqvXYeFAM1tZar/efD",
  "OqHqyXPUqfQh8rUXqG20vOhrrheqmfybqOn0FgugFKhrtXwdthDKhGujII07nV62UHuG+g4r0LJFUCFgF4UJ8Ez6MEVQCTT0WOHCYYqhSviNFP2F",
  "P5vearHOCI2brCj6aWqE3EzxAtJDU+c/1gJNW63Yo1cCdQLfxbpFYA9T8F/rdehtti76BTQIu4OSxVgPVvCfG4GWXVYS/VKaBN7N+lvAHrF+/70Z",
  "aN1r68PCKcugRay7Kb2V5cErcEArkIpWqusuh5Tw91CWgU/CWK5YQNsBK4t+5e3C30t5Jt4DWuaQDqB9xMp1QZXQKcYDVNzG8NAGx3QBHaNWET1M",
  "3WI8ROXtDI/xBgf1AJ2HrdIWjl8NG0R9lKolqB7uMkdtVOYcsSrtsAZ6RXqc6qVISVHWwCag+6hVR0+CPpGeomZJUpIBtcoj6DlmNdFTZYtYx6ld",
  "muW5UOfArcCGE1bradYA/SJOULcMMankBuUibJy0uoV7aYIB0U9RvxzdEyQ4dBvQe9rqoyfTdhHP0rAs0TPlZuLtADadswZtOQU7RZ2hcXlq0gVS",
  "sAvom7VGpWU7DIo7R9MK3CR92lUlsHnemqJn2x5xL9G8EtcTqd/he4EtL1rzojrqhn0SuULLiiJJB+lWycHWl6wleg7uF/tlWldme24VOCEC/VeD",
  "ter8vTAkgWuB1CoKyUToVRHDwPVgKV1/HwxL4tVA22oSSQfqgwPAtteCtUVP1YOSeD3QvqpEkn9b1Bxg+xvB2hfusx/uk9SbgY7VpTwX65w1on75",
  "VrAOL4MBuF8ybwc61yCT9LABtR/Y+U6wzugZfUgq7wa61qLiSRqcNwrsei9YV/TsflAy7we61ySTTLKd6m0w+EGwbp1qEB6W0IeBnrUJJV1wEA5r",
  "RnwUrGdRG9wDj0jw40D/GgUza2qPmigMfxKsP3oxPCbFTwO7/65i5jXugyPA6GfBdkevlDFJfx4Y/sfSmRHfr3YOY18EG45eTE9ojS8Do/9+jcyZ",
  "OgRH1dS/Cjaq6h2GJ7Xa14Gx/3C1zEob1vSB6W+CjS3E/iA8rcW/DRy/E4tn9oyDcAyY/S7Y8ej1+oyW/z4wfUeXzxy0I5qqcPmHYNPRC/xZ7ePH",
  "wOz/s4/Mnn4ITqiF/xRs1nLc8o9D0W8/BwuL3Mlz587PXJh9fu7i/As3nwYTsjW/hGtZgbzzFyan5mbGNfrVsdQM1ZHV2DUfNGQ0pjTvNC81bzWu",
  "NevFkdeQS5G9kS+SrZIZk4WT7ZNVlMmUK5WLlbOV9ZUZllmWi5bJlu+WK5dRl4uXr5fn1ytGTwG9EvR80MNC7w09RPQ80bNFDxm9b8KfAAAA//8D",
  "ACj6hZc0DQAA",
];

const backup5 = [
  "H4sIAAAAAAACA+1W24sbVRg/c8mkm6223Uu1ttrjKKIQZWZy2Wyeml0jLbrZxUap+uJczjQh2TNrMk13WRai9oI3SOtSFmFx9VFa2PZNELqt9EEQ3",
  "ceCsOyLUBEkD4LFovidb9bsW/+CTJKT4ff7fd+cb2a+c36Lesuerwen9bzu2G7tzJye1Fus0awGXM9nkrpbP9MMWQNow3/4BwKr3GPzej5lJfVmNW",
  "RNPZ9L6s4CnlljRhbgim1lspAt62dy4+l02kgxd8zIZY2cabCUlTJd13F91zIcNzdueb6TNTO+47sZO53OZcfHXcszc+aYuJpbYW5NpDJTnmOmIZ9",
  "n+ilm6EuJ99vH/hwhxwiRyP/H0HG70bIbHn2DV7HAcOHvVe1dQuQdVXv9wzsrFaJMnSg/WNU0m/IgZJv7CVFQQ8jmTRTEJ988SU0ze/UnjYDKZ8wj",
  "8TCoMU7NU4SoGNBTD78ON4IWql6STlXr9Rb8mIhUCpyT2Fwl4AymGcM4QtZ+xqDBe1eu/nq9TbtfXv4oAbSGih6tTdaDJvMGgYkjuRtY4DSoe5Tbs",
  "+z2lgaCPajpCQZmqyG1OWfzUKOEhYGC/NPdErQcP4TQAEDDG38ISHteUa/vRzQB6GjnX4G+91Vp7a9bX3+altS6HTL5UqQYBIW+/dk5ULQliSiWkZ",
  "OjjHuBORwxHyiSopL4VOCxBrdXokk8AvzRze8EL5HuhduQWlHFBOH7KIy31lcFN3gpeh77AOq0rwlIHpDkzgFEgSMHt89dFIWSjSsiiSS/gLcWBNL",
  "nUX5ZIk+Rhx5a9HcII4fgLL/2I0bKihqBw+JWdH9B0FXU5aj8EUDvbPwu0KiEm9qiHrL5EF7SwtxcUOXhLONhk7o2pw6jTgBvjUedBRqyOsN34SXa",
  "F/aFfSEK9SVJXqbYWqPQ4O90Huy2lry4JJG9NqzRFdbARXjZwEXgIDRobPvj86CMlgDRhOXiqbJowpmZ6ROl8lSxVD5JJwslOlGkE9PTrxZfphNv0",
  "XLxteLM8elSEabYF/aFfaEQ6kuRMZLkGHbiY9Bln6x/cb7XiWpCa4UNt9aUTetJdBuPg6m4HEmIkihQzs6iI/l+S1PUtoxpYB8lr7S/2U0TA2fyoq",
  "mhH3kCxhub32IC+Tls68Mw3l37Ybet1T3Q+bQJafO4Yx8B2/J09250UTU2G7SYp6NvgkkNvL3DHHDROlE/aFCbnmWs9gxqhCN4duMeamL2abvKVxT",
  "c6Y9CRb917gvi/jVx3ZFRqEFFDpYmcmT74oUeN4TWIb5jIYSrFMZROLvYfwctmVVoCwAA",
];

/**
 * A replica's file of version 8, of a cluster of one. Its checkpoint has what the backup of version 7 has, and its
 * journal has the rest of `earlier_commands.ts`.
 */
const file8 = {
  "replica-0.db": [
    "H4sIAAAAAAACA+1be3BU1Rn/zn3uI/vIYxNAwJPFR5gKJYASEJuXq1CTTUhWkRk70032AivJbtgsAUrTSWp4CAgRIxOo0JSXCDKJpVWcVhKhKQgi",
    "KXQg1hLSOhUqGQ2dtqAI9Jxzd7NJN46j03/snN/evY/z/c7vPL97v7t3b+mcAn9Yw/ODoUpvGE8BOwgC5GAMABL5yhCDFPlGgcBw+xrdecK7rASG",
    "hwQTXzxhoTvW+WDbb8u2niI7HBwcHBwcHBwcHBwcHP+n0CQ1LT0d1TvC3rIKrXyhVr6oKugPhGN7cn6JK9fjwp7cvAIXjqVn+H14ttvjetRVgotL",
    "ZhfmlszDj7nm3YfLloe1apxXUJSH3UUe7H68oGB8laimpaWh+mxWTJVfK9dX0hBxlpQRWFJZpoWG1y4PlQ8YouLDl/i0oKYlJ6P6B1mJoeBSsohD",
    "SiMJ/6OySpGa5nCgeiMrq9IbWkS/wpDSaMrX6jJ6b45sHwJZODg4ODg4ODg4ODg4ODg4vr24A4kws8a7rCK4wGLKmR4znHb/6Tv0/t8uTwdbuy1g",
    "c1hPWWtNfepTqlk5pWxQ3IpRPiPXym55Ou9GDg4OjgiS7RJIzqdCnXYjsv3rl23/bOw7p06wSSCXAHR+fPBhdMXebPviuUeP7p7hecZdtb3T1nc8",
    "0YpgEL3UKoNcPxrg6tkdh+P41vfXJ1rgnrsd5subX/3ba3W4/+ebns069NHvdqyfKuYGAnLVwmBAU8orgtWaz4isPcc++tX532fdbyEVm5+XN3Zd",
    "nKLleJc9AcymUgBTVw/VMSLLzk2HGm42GPITSNV/AvB+a6A+LmPC6012M6Q6SgCPu3yOZjQtDQUDC3C1P6wZUcLlswc7uzv2mr9nJmUvy/pBhi1O",
    "wryr22aC5KQ5Sj6rMAiTJtad1utg3nj2xv7mP54QHjKRSoQA6ufUN8QpmDa9ZDOC3ZYaVYhmN1199y+fvNJ7wTLTSIoPf//SehSX2Xj7otUAifax",
    "av4TpTgz8wFoPqbnNv7h+McX3vnwnKnIQEcjBaC1aNyZOAFD306rCul4tDpXW1DpDVSDbIzs4WkSKkOZbe26oKHn8Ma1m3btkFdbVKK4wQ7QveoK",
    "xCmqey5ZFLioXFCmiYWzPXapXVnh9Lie9DhnOHOLi4tmuz2FLrenFOfnunGeC+cVFT3mehjnzcMeV4GreFaR2zURcyInciIjOmuPv0E9UPHi+Zrm",
    "U8PBRVoAZxqR2vr5lc9On6tcbVWoPyYBdFmT6uL8Ubm4zyL/tz+GtWVh6o9V7GlkpRYIV+NybwCXabgsSArw4bLlOKxVaOxkTGrLiZzIiZTorO1t",
    "HdYflROf9mz6x5btoluWQapPvd/XKsd5o3yygwQTzvQpzBdVuP7yIC1x8qSsmJ7csnnj7ttr22yPSFRP+e5bV2/F6Ulv/tUgwqiRyVRvqzC+sYXq",
    "WWKBlBFJTX9u/aDt3xvNc0UaCdwFcG1NRUGckrinQRFgfEZycgn963yu33cfLvRXVNSQr5YoSHubqfJLO47QOG2pVmZE4sF1O1d+ceSAWiTQCo4o",
    "LhpxM05WeOGnIoJxzinRACNJEhJ0rbgeFH7d9dbJN9Y327IRCZhqAA5fWr4kThEhgJTklIGA5dX3lI5GPUZBLz7btXLP1nVG9vxfyAGycHB8bfzs",
    "IUSm9Oth5+nPxDNTHzzW8+M1M8PJPsyMiMxAW+bkaRMnkU/mjMysaVMzI/kwGA/apj69q+83jCinG0xktoIhOtWjc12lDmqMeCh1e6QWBn1aKOAV",
    "xn5F1RK8gWB4oRZigkjUNSBSwFArCFQaotKAcAJKtxHHELPFbB4EcCInfuMggN/TciInfuN72nuTZnlDNd6QDz8e8NdooWp/eDm5rh4RP9+mkKur",
    "IHZvoIEm9CMa2CIBbVVubFMq+lfRVIVcWo0gqIc+fZty9A0C0YSEjJZrLE3f6GuRvt4pgGoGdO08s+qbNbfZAbkeShXesHYrATmgRZhz4OSSneO3",
    "ZInvZaXPXSwgMQFALzayiRyQbPRKaiEXWT1l7/aYVV+zgkUg4XsqrKgdVn+UXOkPT8g0KTXhUPmiaiFz8uLoT3lIRCcVEtyu79hMxUhxqh0Eo37U",
    "duQoWev7+ppV6FaCkFbXTZvVdPLvL3c5Hc4fHXtlQmDL3cqXWyRtuIgfSahHJaVL1w9QdYE0JAkEpDcS9E3kQA+KyEdMBkFo3MMS9Y2+Zv2QMvj3",
    "XiSjfaoJIPqjJ1JQn2K2wxi5Mlij+UaacwM4WOHDAW+lZgMjqOiafLSHjLvDSPoLewMBbRkyoEN0UtSBYDXl4oC2lNFNqqqoChlTGV1XIYfWLIph",
    "5hyZbj+kk0Nn1bU909m8EOiUI8IkpiLBlNZlp4NIOQBd7YwQHSLSPwORVzS0e5K9TiwOYg/XvTQnjQFBj99y2DvJ7DXkltMs0+DeMhGzEnlrOWKO",
    "9JuZWFRmjGUc1HVHehRCMDDOACHWgzeor9GGEQbc7O+hZkEdyZKM9GFAxyc0SckQpdfsLJUMGTgab9HUxb9w6+6FmPcIz+sMM2E4e59rIIw6EifT",
    "AFTQFRPoQ1vdQm4JyZyIxqXNeiXoPdudXb+ldgRRB6IVJIuVrN9u20Zt5uf18bCRpMa6AzRJILeOjYksldggtbdhNW0oRB1nPOtaQkAv6PoCgq8I",
    "sxV9M5LlTCJ7M1reZTkFUdITk2lX9H/AEstFqamYNSKFpHZ2XKGpehNQO5mLTZgZHcQ4pvFGzCisqEVDQ/amKtaMVMI81rt2JWHqjRDaFX1yInKv",
    "TbXSCKOwbevKAS1p0DlkDBvxEYSYqlPIuTHmIcSRRKlOYDKkLfBI3b6YjH4+UticGEUoD3S9yQSEe1jF7iD8rS3vxComGUjdcTWRncF6bTTJs7u/",
    "Wy9U0t3ZyeYuqZTQE7Ek6o936Av62IuXatqicYxDR+WujsuMI3sXeP2BZpH19p1k8Cobr1ODfkJKcZA2SMxG78pG965eNWBLAv3//+eBLBwcHBwc",
    "HBwcHBwcHBwcHN8u3ItE8GT36wfRbc7+hUNI6xZ7Zv0HqgUMGgBQAAA=",
  ],
};

/** A backup of version 7, with the first part of `earlier_commands.ts`. */
const backup7 = [
  "H4sIAAAAAAACA+1W629URRSfmXv33u5uoaWlRV4yXF+QFLOv7i79gm1dA9E+lKr4zXv3zqWbbu+W3UspNk02ykMNmqINARK0anwRSMo3TEwoJYQYDP",
  "abJCZNv5hgNNpvEBurZ2b2AQnqP7DT7syd8/vNmXPOnLn3jBuj5lg2t9/oMCwzPXRwxGgzRlm+kMm5RkeizUhnDxY8lgc44TjxJEsm4qZpWjtZ2DFt",
  "J2wxJ1RqsDDj2mzM6IhG2oxCxmMFoyPZZliHxVM01h4GsWd6rDJh+4eZ6wEYgsmgGWmP832sSDiZdKx42gpFbNOMRS0rGmFxJx6KtbNouD1qRmyHhS",
  "JOJB0KxdMJkzmxRGxnLNaeiESTjkFr7YEGhzjI0kMQ2ng6abc7dsiJWaadYGljIoCwb2tdACOE6jSTOozZuu7lhphLw7rS6bp+38hgzmV+JRJKYr0n",
  "Z7O8a5JH0X+3etPNeYMsLxRiRepApQ0eRBHhqlFZNcK0Hm9tQJgou5Rd44bHxjywvHNkJJdxPZEuNG261GLUyoGdNrUOU49lmdjiaVoj1og1oiAaE+",
  "PGQGrfAL8+/f19e3oHelK9A3tpd2cv7UrRrr6+51PP0q7X6EDqhVT/7r7eFCivEWvEGpETjYmnmnab+VEzb9OX3YwoirzDGOM55c9zGkYNRLn9/tyn",
  "J2JoCSs9ewYwwWe15XNadukYl2oIYT8i+uU/rnKOHDBSAphsm74rZHKQvaLCZ5MgPYjw3R8FKoe3/xYT+B6qWSidVupxC5omL168efCz7WeSyq3k1l",
  "cPEKzUIyS3LQ2lCSzjX9JV8JGVkq8+qqKyFxsrSPWhVjQ+8VD9G3zDGW9HOKCNevn0UIGEIwf07lf20nA4jhV8U7twSzsxe4org+30RkT8cjYzdw16",
  "+Sx7YdBKPVlXvM3dmrr5y5fzRovxxo2vd7hnntD+HVFZ80tQUdLOjN1GezLZ7Cj8GFbxgg67q/cucu0EHGlCBEsnkRxKE9Ew/CnNiJDJL4RQDrIXcV",
  "gbvHPqws+XinTp4w/ewT58Xg8g1Kp1Z3MFqGM0/JsWbESbfcO5UWavD3a6NJe1qWsOswbkRzq+67u2AOfe4od4UdN12Riuw5d5UhQRWR3opC47JOgB",
  "Xdd0Dc7Uh+/p6BluWbk9JOcg3V7nySFZxZm3rp8eRDzlQDHUVFBMsflGfoicg9D8FUEoHxHEp1J5lUu7fQipYkGF/bDw8pW8BkSyfgMzfWIdQtM/iE",
  "X3RysAsCYYFbgUtyAgugCrC+8L3dyCBoQ6wakQqhFc5neNOwYM9NfSAoeJvl6I/CBqnv2di7RtinqpUUjhyFDL5AqXHvikV14vLG4POSkZQWAYi+8d",
  "AUYRQ0pAAUqkRrhHaKNE3lQw5ES5Lj0tjVgF+Jb5bzmOUfkCcQPhfzX0V2fOcSx4Up5HA4gmixe5iPgxmVwjpICh1sUjx7mjqHxxtovQAgF/KPUTjP",
  "6nzNbksF6sbIKnjunvxUqiqFLYzEOx9JMQphV1ql84sRak12d/5VLpAr4CuThFBdgC4ObJ5SpIxifwgyX71IhwoxWYNxbfPQpM6QS5osnkxMQndK0D",
  "Rs/M2aMVXep975DN4sQfAWKrpMC7sXpD4CIpapEINeALeq54vqpGvo80kRMbgBKf/0YoIE8KwzYC/+z0d1XD1DqwnRZAbYeI2iZY8/nSbbmpKq+zIX",
  "IXjCILJWRNWqQvdXJ5atJDjA09Jjj8VB6fvSM4PnO/mXFPKyLaW+DwhifvcUC+kNa2gA+qwCC4aNPi8WMVrAn9AwSQVWp7DwAA",
];

/**
 * A `cluster.db` of version 1, of the cluster "b625f4917638512903c104b3f8a89c68": three ports from 8892, incarnation 3,
 * and a start that was forced from replica 1.
 */
export function clusterFileOfVersion1(): Promise<Uint8Array> {
  return unpacked(clusterFile1);
}

/** Writes a data directory of one replica: a `cluster.db` of version 1, and a replica's file of version 3. */
export function writeEarlierDirectory(directory: string): Promise<void> {
  return write(directory, directoryOf1And3);
}

/** Writes a data directory of one replica: a `cluster.db` of version 2, and a replica's file of version 4. */
export function writeDirectoryOfVersion4(directory: string): Promise<void> {
  return write(directory, directoryOf2And4);
}

/** A backup of the same database, of version 3. */
export function backupOfVersion3(): Promise<Uint8Array> {
  return unpacked(backup3);
}

/** Writes a data directory of one replica: a `cluster.db` of version 2, and a replica's file of version 5. */
export function writeDirectoryOfVersion5(directory: string): Promise<void> {
  return write(directory, directoryOf2And5);
}

/** A backup of the same database, of version 4. */
export function backupOfVersion4(): Promise<Uint8Array> {
  return unpacked(backup4);
}

/** Writes a data directory of one replica: a `cluster.db` of version 2, and a replica's file of version 6. */
export function writeDirectoryOfVersion6(directory: string): Promise<void> {
  return write(directory, directoryOf2And6);
}

/** A backup of what the checkpoint of that file has, of version 5. */
export function backupOfVersion5(): Promise<Uint8Array> {
  return unpacked(backup5);
}

/**
 * Writes a data directory of one replica: a `cluster.db` of version 2 with the port 18731, and a replica's file of
 * version 7 whose log became full: `untilFull`.
 */
export function writeDirectoryOfVersion7(directory: string): Promise<void> {
  return write(directory, directoryOf2And7);
}

/** Writes a replica's file of version 8. */
export function writeFileOfVersion8(directory: string): Promise<void> {
  return write(directory, file8);
}

/** A backup of what the checkpoint of that file has, of version 7. */
export function backupOfVersion7(): Promise<Uint8Array> {
  return unpacked(backup7);
}

/** The snapshot of a database after `sitesOfAllNames`, as a program wrote it that made backups of version 5. */
export function namesOfVersion5(): Promise<Uint8Array> {
  return unpacked(namesOf5);
}

/** Writes a data directory of three replicas, each of which has executed what no other has; see above. */
export function writeStrayDirectory(directory: string): Promise<void> {
  return write(directory, strayDirectory);
}

async function write(directory: string, files: Readonly<Record<string, readonly string[]>>): Promise<void> {
  for (const [name, pieces] of Object.entries(files)) {
    Deno.writeFileSync(`${directory}/${name}`, await unpacked(pieces));
  }
}

async function unpacked(pieces: readonly string[]): Promise<Uint8Array> {
  const bytes = Uint8Array.fromBase64(pieces.join(""));
  return await new Response(new Response(bytes).body!.pipeThrough(new DecompressionStream("gzip"))).bytes();
}
